import assert from "node:assert/strict";
import {test} from "node:test";
import {binAt, densities, nearestSlice, quantile, slicesOf, stepEdges, thin, valueRange} from "../charts/histogram-model.js";
import {level} from "../charts/paint-histogram.js";
import {leastSquares, paretoFront} from "../charts/statistics.js";
import {ChartSync} from "../charts/sync.js";
import {histogramAnswer, random} from "../../Tests/web/charts/data.js";

const slice = slicesOf({slices: [{step: 5, edges: [0, 1, 2, 4], counts: [2, 0, 6], min: 0.25, max: 3.5, sum: 10, count: 8, nan: 0}]})[0];

test("bins are found by value; the last includes its upper edge", () => {
  for (const [value, bin] of [[-0.1, -1], [0, 0], [0.99, 0], [1, 1], [2, 2], [4, 2], [4.1, -1], [NaN, -1]]) assert.equal(binAt(slice, value), bin, String(value));
});

test("quantiles are linear in bins, and the ends are the exact extremes", () => {
  assert.equal(quantile(slice, 0), 0.25);
  assert.equal(quantile(slice, 1), 3.5);
  assert.equal(quantile(slice, 0.25), 1);
  assert.ok(Math.abs(quantile(slice, 0.625) - 3) < 1e-12);
  assert.ok(Number.isNaN(quantile(slicesOf({slices: [{step: 0, edges: [0, 1], counts: [0], count: 0}]})[0], 0.5)));
});

test("quantiles rise with q", () => {
  for (const one of slicesOf(histogramAnswer("w", 20))) {
    const values = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1].map((q) => quantile(one, q));
    assert.deepEqual(values, [...values].sort((a, b) => a - b));
  }
});

test("density is count by width, and a column holds all of it", () => {
  assert.equal(slice.peak, 3);
  const column = densities(slice, 0, 4, 400);
  assert.ok(Math.abs(column.reduce((sum, d) => sum + d * 0.01, 0) - 8) < 1e-9);
});

test("steps own the way to their neighbours' middles", () => {
  const slices = slicesOf({slices: [100, 0, 40].map((step) => ({step, edges: [0, 1], counts: [1]}))});
  assert.deepEqual(slices.map(({step}) => step), [0, 40, 100]);
  assert.deepEqual(stepEdges(slices), [-20, 20, 70, 130]);
  for (const [step, index] of [[-5, 0], [19, 0], [20, 0], [21, 1], [71, 2], [1e6, 2]]) assert.equal(nearestSlice(slices, step), index, String(step));
  assert.equal(nearestSlice([], 3), -1);
});

test("the value range holds all edges, and thinning keeps the ends", () => {
  const slices = slicesOf(histogramAnswer("w", 90));
  const [low, high] = valueRange(slices);
  assert.ok(slices.every(({edges}) => edges[0] >= low && edges.at(-1) <= high));
  const few = thin(slices, 60);
  assert.equal(few.length, 60);
  assert.deepEqual([few[0], few.at(-1)], [slices[0], slices.at(-1)]);
});

test("shades rise with density, linear or logarithmic", () => {
  assert.equal(level(0, 5, true), 0);
  assert.equal(level(5, 5, true), 1);
  assert.equal(level(5, 5, false), 1);
  assert.ok(level(0.05, 5, true) > 0.3 && level(0.05, 5, false) === 0.01);
});

test("the least-squares line goes through points on a line", () => {
  const {slope, intercept, correlation} = leastSquares([[1, 5], [2, 7], [4, 11]]);
  assert.ok(Math.abs(slope - 2) < 1e-12 && Math.abs(intercept - 3) < 1e-12 && Math.abs(correlation - 1) < 1e-12);
  assert.equal(leastSquares([[1, 1], [1, 2]]), null);
});

test("the Pareto front equals a look at every pair", () => {
  const next = random(31);
  for (const [gx, gy] of [["min", "min"], ["min", "max"], ["max", "min"], ["max", "max"]]) {
    const points = Array.from({length: 80}, (_, id) => ({id, x: Math.round(next() * 30), y: next() * 10}));
    const better = (goal, a, b) => (goal === "min" ? a <= b : a >= b);
    const front = points.filter((p) => !points.some((q) => q !== p && better(gx, q.x, p.x) && better(gy, q.y, p.y) && (q.x !== p.x || q.y !== p.y)));
    assert.deepEqual(paretoFront(points, gx, gy).map(({id}) => id).sort((a, b) => a - b), front.map(({id}) => id).sort((a, b) => a - b));
  }
});

test("the bus tells each change once", () => {
  const bus = new ChartSync(), heard = [];
  bus.addEventListener("crosshair", ({detail}) => heard.push([detail.key, detail.x]));
  bus.addEventListener("highlight", ({detail}) => heard.push(detail.run));
  bus.crosshair("step", 5); bus.highlight("a"); bus.highlight("a"); bus.crosshair("step", null); bus.crosshair("step", null); bus.highlight(null);
  assert.deepEqual(heard, [["step", 5], "a", ["step", null], null]);
  assert.equal(bus.xOf("step"), null);
});
