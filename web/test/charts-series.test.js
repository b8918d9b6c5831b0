import assert from "node:assert/strict";
import {test} from "node:test";
import {decodeSeries, decodeSeriesJSON, SeriesFormatError} from "../charts/series-format.js";
import {firstIndexAtOrAfter, mergeSeries, needsResync} from "../charts/series-merge.js";
import {visibleNumbers} from "../charts/visible-numbers.js";
import {columnsOf, curve, encodeSeries, random} from "../../Tests/web/charts/data.js";

const entry = {run: "r", metric: "loss", points: 6, raw: false, bucketCount: 3, firstX: 1000, lastX: 1005, domain: [1000, 1005], nan: 1, cursor: "c"};

test("refuses what is not a series answer", () => {
  assert.throws(() => decodeSeries(new ArrayBuffer(4)), SeriesFormatError);
  assert.throws(() => decodeSeries(encodeSeries([], {magic: "NOPE"})), /TRKS/);
  assert.throws(() => decodeSeries(encodeSeries([], {version: 2})), /version 2/);
  assert.throws(() => decodeSeries(encodeSeries([]).slice(0, 20)), /Header/);
  assert.throws(() => decodeSeries(encodeSeries([{...entry, bucketCount: 4000, columns: [["min", "f64", [1]]]}])), /min ends at byte/);
});

test("decodes every column type, constants, bases and left-out columns", () => {
  const [series] = decodeSeries(encodeSeries([{...entry, columns: [["x0", "u32", [0, 2, 4], 1000], ["x1", "f64", [1001, 1003, 1005]], ["count", 2], ["min", "f32", [0.5, NaN, -1]], ["nanCount", "u8", [0, 2, 0]], ["max", "f64", [Infinity, NaN, 2]]]}])).series;
  assert.deepEqual([...series.x0], [1000, 1002, 1004]);
  assert.deepEqual([...series.x1], [1001, 1003, 1005]);
  assert.deepEqual([...series.count], [2, 2, 2]);
  assert.deepEqual([...series.min], [0.5, NaN, -1]);
  assert.deepEqual([...series.max], [Infinity, NaN, 2]);
  assert.deepEqual([...series.mean], [0, 0, 0]);
  assert.equal(series.smoothed, undefined);
});

test("the JSON form gives the same columns", () => {
  const [series] = decodeSeriesJSON({x: "step", buckets: 3, series: [{...entry, x0: [1000, 1002, 1004], x1: [1001, 1003, 1005], count: [2, 2, 2], min: [0.5, null, "-Infinity"], mean: ["NaN", 1, "Infinity"]}]}).series;
  assert.deepEqual([...series.min], [0.5, NaN, -Infinity]);
  assert.deepEqual([...series.mean], [NaN, 1, Infinity]);
  assert.deepEqual([...series.nanCount], [0, 0, 0]);
  assert.equal(series.firstX, 1000);
});

test("a delta replaces buckets from its first x on, and totals follow", () => {
  const points = curve(1, 100);
  const held = {...columnsOf(points.slice(0, 60), 30), firstX: 0, lastX: 59};
  const from = held.x0[held.bucketCount - 1];
  const delta = {...columnsOf(points.filter(([x]) => x >= from), 20), firstX: 0, lastX: 99, delta: true, cursor: "next"};
  const merged = mergeSeries(held, delta);
  assert.equal(merged.points, 100);
  assert.equal(merged.cursor, "next");
  assert.equal(merged.lastX, 99);
  for (let i = 1; i < merged.bucketCount; i++) assert.ok(merged.x0[i] > merged.x1[i - 1]);
  const greatest = (column) => column.reduce((a, b) => Math.max(a, b), -Infinity);
  assert.equal(greatest(merged.max), Math.max(...points.map(([, y]) => y)));
  assert.equal(held.bucketCount, 30);
});

test("an empty delta keeps what is held; a full answer replaces it", () => {
  const held = columnsOf(curve(1, 50), 10), none = {...columnsOf([], 10), delta: true, cursor: "n"};
  assert.equal(mergeSeries(held, none).bucketCount, held.bucketCount);
  assert.equal(mergeSeries(held, {...columnsOf(curve(2, 8), 10), delta: false}).bucketCount, 8);
});

test("many deltas equal one query, point for point", () => {
  const next = random(3), points = curve(4, 400, {nan: true});
  let held = {...columnsOf(points.slice(0, 20), 1000), firstX: 0, lastX: 19};
  for (let at = 20; at < 400;) {
    const end = Math.min(400, at + 1 + Math.floor(next() * 40));
    held = mergeSeries(held, {...columnsOf(points.slice(at - 1, end), 1000), firstX: 0, lastX: end - 1, delta: true});
    at = end;
  }
  const whole = columnsOf(points, 1000);
  for (const name of ["x0", "x1", "count", "min", "max", "mean", "nanCount"]) assert.deepEqual([...held[name]], [...whole[name]], name);
  assert.equal(held.raw, true);
  assert.equal(needsResync(held, 100), true);
});

test("bisection finds the first index at or after", () => {
  const column = Float64Array.of(1, 3, 3, 7);
  for (const [x, index] of [[0, 0], [1, 0], [2, 1], [3, 1], [4, 3], [7, 3], [8, 4]]) assert.equal(firstIndexAtOrAfter(column, x), index);
});

test("numbers of a range: buckets outside do not count, nor what is not finite; the mean weighs each bucket by its points", () => {
  const zeros = new Uint32Array(4), data = {x0: [0, 10, 20, 30], x1: [9, 19, 29, 39], bucketCount: 4, count: [10, 10, 2, 1], nanCount: [0, 9, 0, 1], positiveInfinityCount: zeros, negativeInfinityCount: zeros,
    mean: [1, 4, 7, NaN], min: [0, 4, 6, NaN], max: [2, 4, 8, NaN], last: [2, 4, 8, NaN]};

  assert.deepEqual(visibleNumbers(data, null), {last: 8, min: 0, max: 8, mean: (10 + 4 + 14) / 13, nan: 10});
  assert.deepEqual(visibleNumbers(data, [10, 25]), {last: 8, min: 4, max: 8, mean: 6, nan: 9});
  assert.deepEqual(visibleNumbers(data, [35, 50]), {last: NaN, min: NaN, max: NaN, mean: NaN, nan: 1});
});
