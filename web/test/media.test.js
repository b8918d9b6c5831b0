import assert from "node:assert/strict";
import {test} from "node:test";
import {mediaAt, nearestStep, readTable, sortRows, stepsOf} from "../lib/media.js";

const medium = (name, step, kind = "image") => ({name, step, kind, digest: `${name}${step}`, size: 1, contentType: "image/png", pending: false});

test("each name shows what it has nearest to the step", () => {
  const media = [medium("a", 0), medium("a", 100), medium("a", 100), medium("b", 40)];
  assert.deepEqual(stepsOf(media), [0, 40, 100]);
  assert.deepEqual(mediaAt(media, [{name: "b", kind: "image"}, {name: "a", kind: "image"}, {name: "c", kind: "text"}], 90).map(({name, step, media: {length}}) => [name, step, length]), [["b", 40, 1], ["a", 100, 2]]);
  assert.deepEqual([nearestStep([], 3), nearestStep([0, 10], 5), nearestStep([0, 10], 6)], [null, 0, 10]);
});

test("a table that is none, or crooked, is refused in words", () => {
  assert.throws(() => readTable({rows: []}), /not a table/);
  assert.throws(() => readTable({version: 1, columns: [{name: "a", type: "number"}], rows: [[1], [1, 2]]}), /Row 2 of the table has not 1 cells/);
});

test("rows sort by size, by text, and missing cells stay last both ways", () => {
  const rows = [[2], [null], [10], ["Infinity"], ["NaN"], [1]];
  assert.deepEqual(sortRows(rows, 0, false).flat(), [1, 2, 10, "Infinity", null, "NaN"]);
  assert.deepEqual(sortRows(rows, 0, true).flat(), ["Infinity", 10, 2, 1, null, "NaN"]);
  assert.deepEqual(sortRows([["b10"], ["b9"]], 0, false).flat(), ["b9", "b10"]);
});
