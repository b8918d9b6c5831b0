import assert from "node:assert/strict";
import {test} from "node:test";
import {evidenceOf, numbersOf, rangeAround, stepsOf} from "../lib/health.js";
import {badNews, badgeOf, healthOf} from "../lib/run-state.js";

const THIN = "\u2009";

test("steps of a finding in words", () => {
  assert.equal(stepsOf({firstStep: 40, lastStep: 40}), "at step 40");
  assert.equal(stepsOf({firstStep: 961, lastStep: 1199}), `steps 961 to 1${THIN}199`);
  assert.equal(stepsOf({}), "");
});

test("a rule's numbers: whole ones whole, others short, words as numbers", () => {
  assert.equal(numbersOf({numbers: [{name: "points concerned", value: 239}, {name: "points", value: 1200}]}), `points concerned 239 · points 1${THIN}200`);
  assert.equal(numbersOf({numbers: [{name: "best", value: 0.123456}, {name: "now", value: "NaN"}]}), "best 0.1235 · now NaN");
});

test("a chart shows the finding with some room, never before step 0", () => {
  assert.deepEqual(rangeAround({firstStep: 961, lastStep: 1199}), [901.5, 1258.5]);
  assert.deepEqual(rangeAround({firstStep: 4, lastStep: 4}), [0, 14]);
});

test("evidence: two lines of the finite buckets, and a mark that is never outside nor too narrow to see", () => {
  const series = {domain: [0, 100], bucketCount: 3, x1: [0, 50, 100], mean: [1, NaN, 3], min: [1, 0, 3], max: [2, 0, 3]};
  const {lines, from, width} = evidenceOf(series, {firstStep: 100, lastStep: 100}, 200, 64);
  assert.deepEqual(lines, ["0.0 32.0 200.0 3.0", "0.0 61.0 200.0 3.0"]);
  assert.deepEqual([from, width], [198, 2]);
  assert.deepEqual(evidenceOf(series, {firstStep: 25, lastStep: 75}, 200, 64).from, 50);
  assert.deepEqual(evidenceOf({...series, mean: [NaN, NaN, NaN]}, {firstStep: 0, lastStep: 1}, 200, 64).lines, []);
});

test("the badge: NaN at once, findings as the server counts them, nothing for notes and for what is muted", () => {
  const summary = {"train/loss": {nan: 3}};
  assert.equal(badNews({}), "");
  assert.equal(badNews({summary}), "3 NaN");
  assert.equal(badNews({summary, findings: {nan: 1, failed: 1}, health: "error"}), "3 NaN");
  assert.equal(badNews({summary, findings: {}}), "");
  assert.equal(badNews({findings: {spike: 1, divergence: 2}, health: "error"}), "3 findings");
  assert.equal(badNews({findings: {spike: 1}, health: "warning"}), "1 finding");
  assert.equal(badNews({findings: {plateau: 1}, health: "info"}), "");
});

test("a row has room for a sign and a number", () => {
  assert.equal(badgeOf({findings: {spike: 2}, health: "warning"}), "\u26a0\ufe0e2");
  assert.equal(badgeOf({summary: {"train/loss": {nan: 3}}}), "3 NaN");
});

test("a run's health in words", () => {
  assert.equal(healthOf({}), "nothing found");
  assert.equal(healthOf({findings: {"exploding-gradients": 1, nan: 2}, health: "error"}), "exploding gradients, 2 nan");
});
