import assert from "node:assert/strict";
import {test} from "node:test";
import {demoRuns} from "../lib/demo-data.js";

const NOW = 1_700_000_000_000;

test("the demo is the same at each call, and over before now", () => {
  assert.deepEqual(demoRuns(NOW), demoRuns(NOW));
  for (const {batch} of demoRuns(NOW)) assert.ok(batch.times.every((time, i) => time < NOW * 1000 && (i === 0 || time > batch.times[i - 1])));
});

test("its columns are as long as its steps, and hold what there is to find", () => {
  const runs = demoRuns(NOW);
  for (const {batch} of runs) for (const values of Object.values(batch.columns)) assert.equal(values.length, batch.steps.length);
  assert.equal(new Set(runs.map(({name}) => name)).size, 8);
  assert.equal(runs[2].batch.columns["train/loss"].filter((value) => value > 3).length, 4);
  assert.deepEqual(runs.filter(({state}) => state === "failed").map(({batch}) => batch.columns["train/loss"].filter((value) => value === "NaN").length), [40]);
});
