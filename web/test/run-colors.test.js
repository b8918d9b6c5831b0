import assert from "node:assert/strict";
import {test} from "node:test";
import {runColors, SPREAD} from "../lib/run-colors.js";
import {PALETTE} from "../charts/colors.js";

const runs = (...configs) => configs.map((config, i) => ({id: `r${i}`, color: i, config}));

test("a run's own colour is nobody's business here", () => { assert.equal(runColors("", runs({}), "light"), null); });

test("spread colours are all different, and given up beyond sixteen runs", () => {
  const many = runs(...Array(16).fill({})), colors = runColors(SPREAD, many, "dark");
  assert.equal(new Set(many.map((run) => colors.of(run).color)).size, 16);
  assert.equal(runColors(SPREAD, runs(...Array(17).fill({})), "dark"), null);
});

test("equal values share a colour, missing ones are grey and dashed, and the legend names them", () => {
  const shown = runs({opt: "lion"}, {opt: "adamw"}, {opt: "lion"}, {}), colors = runColors("config.opt", shown, "light");
  const of = shown.map((run) => colors.of(run));
  assert.deepEqual([of[0], of[1].color, of[3].dash], [of[2], PALETTE.light[0], 1]);
  assert.deepEqual(colors.legend.map(({label}) => label), ["adamw", "lion", "missing"]);
});

test("numbers are shaded in their order, over decades by the logarithm, with a scale", () => {
  const shown = runs({lr: 1e-4}, {lr: 1e-3}, {lr: 1e-2}, {lr: NaN}), colors = runColors("config.lr", shown, "light");
  assert.deepEqual(colors.scale, {low: 1e-4, high: 1e-2, label: "lr, log"});
  const [first, middle, last, missing] = shown.map((run) => colors.of(run).color);
  assert.equal(new Set([first, middle, last, missing]).size, 4);
  assert.equal(middle, colors.legend[2].color);
});
