import assert from "node:assert/strict";
import {test} from "node:test";
import {isOpen, listensTo, stateWords, withCommand, worthSaying} from "../lib/run-commands.js";
import {boundsWords, canChange, readValue} from "../lib/run-values.js";

const NOW = 1_700_000_010_000;
const command = (id, kind, state, more = {}) => ({id, run: "ab2cd34e", kind, state, askedAt: NOW - 7000, ...more});

test("only a running run is asked, and only for what its program listens to", () => {
  assert.ok(listensTo({state: "running", listens: ["stop"]}, "stop"));
  for (const run of [undefined, {state: "running"}, {state: "running", listens: ["checkpoint"]}, {state: "finished", listens: ["stop"]}]) assert.ok(!listensTo(run, "stop"));
});

test("the newest command comes first, each once in its latest state; a page speaks of the newest and of what is open", () => {
  const list = [command(3, "stop", "waiting"), command(1, "stop", "taken"), command(2, "checkpoint", "done"), command(3, "stop", "done")].reduce(withCommand, []);
  assert.deepEqual(list.map(({id, state}) => [id, state]), [[3, "done"], [2, "done"], [1, "taken"]]);
  assert.deepEqual(worthSaying(list).map(({id}) => id), [3, 1]);
  assert.deepEqual(list.map(isOpen), [false, false, true]);
});

test("each state is said in words", () => {
  assert.equal(stateWords(command(1, "stop", "waiting"), NOW), "Stop asked for 7 s ago, waiting for the trainer");
  assert.equal(stateWords(command(1, "stop", "waiting", {askedAt: NOW}), NOW), "Stop asked for just now, waiting for the trainer");
  assert.equal(stateWords(command(1, "checkpoint", "taken"), NOW), "Checkpoint asked for 7 s ago, the trainer sees to it");
  assert.equal(stateWords(command(1, "stop", "done", {step: 1234}), NOW), "Stopped at step 1\u2009234");
  assert.equal(stateWords(command(1, "checkpoint", "done"), NOW), "Checkpoint saved");
  assert.equal(stateWords(command(1, "checkpoint", "refused", {message: "The disk is full."}), NOW), "No checkpoint: The disk is full.");
  assert.equal(stateWords(command(1, "stop", "refused"), NOW), "Not stopped: the trainer gave no reason");
  assert.equal(stateWords(command(1, "stop", "expired"), NOW), "The run ended before it was stopped");
});

test("a change is said with what it changes, and once it is done with what was before", () => {
  const change = (state, more) => stateWords(command(1, "set", state, {name: "lr", value: 0.02, old: 0.01, ...more}), NOW);
  assert.equal(change("waiting"), "lr → 0.02 asked for 7 s ago, waiting for the trainer");
  assert.equal(change("taken"), "lr → 0.02 asked for 7 s ago, the trainer sees to it");
  assert.equal(change("done", {step: 1234}), "lr 0.01 → 0.02 since step 1\u2009234");
  assert.equal(change("done"), "lr 0.01 → 0.02");
  assert.equal(change("refused", {message: "it warms up"}), "lr not changed: it warms up");
  assert.equal(change("refused"), "lr not changed: the trainer gave no reason");
  assert.equal(change("expired"), "The run ended before lr was changed");
  assert.equal(change("superseded"), "lr → 0.02 was superseded before the trainer heard of it");
});

test("only a running run's values are changed, within their bounds or to one of their choices", () => {
  const rate = {name: "lr", value: 0.01, min: 1e-6, max: 0.1}, size = {name: "batch", value: 32, min: 1, max: 256, integer: true}, word = {name: "sampler", value: "a", choices: ["a", "b"]};
  assert.ok(canChange({state: "running", declared: [rate]}));
  for (const run of [undefined, {state: "running"}, {state: "running", declared: []}, {state: "finished", declared: [rate]}]) assert.ok(!canChange(run));
  for (const text of ["", " ", "fast", "0,02", "1e999"]) assert.equal(readValue(rate, text).error, "This is not a number");
  for (const text of ["0.2", "-0.01", "−0.01", "0"]) assert.equal(readValue(rate, text).error, "The trainer takes 0.000001 to 0.1 only");
  assert.equal(readValue(size, "1.5").error, "This is not a whole number");
  assert.equal(readValue(size, "32").error, "That is what it is now");
  assert.equal(readValue(word, "0").error, "That is what it is now");
  assert.deepEqual([readValue(rate, " 2e-2 "), readValue(size, "64"), readValue(word, "1")], [{value: 0.02}, {value: 64}, {value: "b"}]);
  assert.deepEqual([rate, size, word].map(boundsWords), ["from 0.000001 to 0.1", "a whole number from 1 to 256", ""]);
});
