/** x-axes that follow from what programs log and are configured with. */
import assert from "node:assert/strict";
import {test} from "node:test";
import {derivedAxis, derivedChoices, perFactor, scaledSeries} from "../lib/x-axes.js";
import {Derivations} from "../lib/derive.js";

const runs = [
  {id: "a", config: {train: {batchSize: 32}, model: {seq_len: 128}, num_gpus: 4, price_per_hour: 2}},
  {id: "b", config: {train: {batchSize: 64}, model: {seq_len: 128}}},
  {id: "c", config: {lr: 0.1}},
];

test("samples and tokens are steps times numbers of each run's own config, and the rule is said in words", () => {
  const samples = derivedAxis("of:samples", runs, []), tokens = derivedAxis("of:tokens", runs, []);

  assert.deepEqual([...samples.factors], [["a", 32], ["b", 64]]);
  assert.equal(samples.rule, "step × train.batchSize");
  assert.deepEqual([...tokens.factors], [["a", 4096], ["b", 8192]]);
  assert.equal(tokens.rule, "step × train.batchSize × model.seq_len");
});

test("what says it more exactly goes first, and a logged metric before all", () => {
  const run = {id: "a", config: {batch_size: 8, seq_len: 16, tokens_per_step: 1000}};

  assert.equal(derivedAxis("of:tokens", [run], []).factors.get("a"), 1000);
  assert.equal(derivedAxis("of:tokens", [run], [{name: "train/tokens_seen"}]).metric, "train/tokens_seen");
});

test("GPU-hours, energy and cost count the running time", () => {
  assert.equal(derivedAxis("of:gpuHours", runs, []).factors.get("a"), 4 / 3600);
  assert.equal(derivedAxis("of:gpuHours", runs, []).base, "running");
  assert.equal(derivedAxis("of:cost", runs, []).factors.get("a"), 2 / 3600);
  assert.equal(derivedAxis("of:energy", [{id: "a", config: {watts_per_gpu: 300, gpus: 2}}], []).factors.get("a"), 600 / 3_600_000);
});

test("only axes that some run has are offered", () => {
  assert.deepEqual(derivedChoices(runs, []).map(([value]) => value), ["of:samples", "of:tokens", "of:gpuHours", "of:cost"]);
  assert.deepEqual(derivedChoices([runs[2]], []), []);
  assert.deepEqual(derivedChoices([runs[2]], [{name: "energy"}]), [["of:energy", "Energy (kWh)", "as logged: energy"]]);
  assert.equal(derivedAxis("of:nonsense", runs, []), null);
});

test("a question is asked for each factor, with its range on the axis below", () => {
  const axis = derivedAxis("of:samples", runs, []), question = {runs: ["a", "b", "c"], from: 6400, to: 64_000};

  assert.deepEqual(perFactor(question, axis), [{runs: ["a"], from: 200, to: 2000}, {runs: ["b"], from: 100, to: 1000}]);
  assert.deepEqual(perFactor({runs: ["c"]}, axis), [{runs: []}]);
  assert.deepEqual(perFactor({runs: ["a", "b"], group: {by: []}}, axis), [{runs: [], group: {by: []}}], "a group needs one factor");
});

test("answers lie at their factor's multiples, and stay the same objects as long as nothing changed", () => {
  const axis = derivedAxis("of:samples", runs, []), derivations = new Derivations();
  const data = {run: "b", metric: "loss", group: null, x0: Float64Array.of(1, 2), x1: Float64Array.of(1, 3), firstX: 1, lastX: 3, domain: [1, 3]};
  const [scaled] = scaledSeries([data], axis, derivations);

  assert.deepEqual([...scaled.x0, ...scaled.x1, scaled.firstX, scaled.lastX, ...scaled.domain], [64, 128, 64, 192, 64, 192, 64, 192]);
  assert.equal(scaledSeries([data], axis, derivations)[0], scaled);
});
