import assert from "node:assert/strict";
import {test} from "node:test";
import {isOpen, listensTo, stateWords, withCommand, worthSaying} from "../lib/run-commands.js";

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
