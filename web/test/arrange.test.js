import assert from "node:assert/strict";
import {test} from "node:test";
import {chartAt, layOut, moveBefore} from "../lib/grid-layout.js";
import {formatMarks, parseMarks} from "../lib/chart-marks.js";
import {sectionsOf} from "../lib/sections.js";
import {alignedSeries, baselineSeries, Derivations, formulaSeries} from "../lib/derive.js";
import {parseFormula} from "../lib/formula.js";
import {columnsOf} from "../../Tests/web/charts/data.js";

test("wide charts take the columns there are, and begin a row where they do not fit", () => {
  const {places, rows} = layOut(["a", "b", "c", "d"], 3, {b: 2, c: 9});
  assert.deepEqual(places.map(({row, column, span}) => [row, column, span]), [[0, 0, 1], [0, 1, 2], [1, 0, 3], [2, 0, 1]]);
  assert.equal(rows, 3);
  assert.equal(layOut([], 3, {}).rows, 0);
});

test("a chart is put before the one under the pointer, or at the end", () => {
  const metrics = ["a", "b", "c", "d"], {places} = layOut(metrics, 2, {});
  assert.deepEqual([chartAt(metrics, places, {x: 0.2, y: 0.5}), chartAt(metrics, places, {x: 0.7, y: 0.5}), chartAt(metrics, places, {x: 1.9, y: 1.5})], ["a", "b", null]);
  assert.deepEqual(moveBefore(metrics, "d", "b"), ["a", "d", "b", "c"]);
  assert.deepEqual(moveBefore(metrics, "a", null), ["b", "c", "d", "a"]);
});

test("metrics put in an order by hand come first, the others as ever", () => {
  assert.deepEqual(sectionsOf(["t/a10", "t/a2", "t/z"], {order: ["t/z"]})[0].metrics, ["t/z", "t/a2", "t/a10"]);
});

test("reference lines are read as they are written, and a wrong one is named", () => {
  const text = "0.9 target\n-1 .. 2e-1 expected range\n3";
  assert.deepEqual(parseMarks(text).value, [{y: 0.9, text: "target"}, {y: -1, to: 0.2, text: "expected range"}, {y: 3}]);
  assert.equal(formatMarks(parseMarks(text).value), "0.9 target\n-1 .. 0.2 expected range\n3");
  assert.match(parseMarks("high").error, /“high” should be a number/);
});

test("what is made of series is made once, and anew when a part changed", () => {
  const derivations = new Derivations(), formula = parseFormula("a + b"), part = (run, metric, y) => columnsOf([[0, y], [1, y]], 10, {run, metric});
  const parts = [part("r", "a", 1), part("r", "b", 2), part("s", "a", 5)];
  const [made, ...others] = formulaSeries(parts, formula, "a + b", derivations);
  assert.deepEqual([made.run, made.metric, [...made.mean], others.length], ["r", "a + b", [3, 3], 0]);
  assert.equal(formulaSeries(parts, formula, "a + b", derivations)[0], made);
  assert.notEqual(formulaSeries([parts[0], part("r", "b", 3)], formula, "a + b", derivations)[0], made);
});

test("a baseline is taken from the others of its metric and not drawn itself", () => {
  const series = [["r", 1], ["s", 3], ["base", 1]].map(([run, y]) => columnsOf([[0, y], [1, y]], 10, {run, metric: "loss"}));
  assert.deepEqual(baselineSeries(series, "base", "difference", new Derivations()).map(({run, mean}) => [run, ...mean]), [["r", 0, 0], ["s", 2, 2]]);
});

test("runs are set side by side from their first value, or over their whole length", () => {
  const series = [columnsOf([[100, 1], [150, 2], [200, 3]], 10, {run: "r"}), columnsOf([[7, 1], [9, 2]], 10, {run: "s"})].map((data) => ({...data, firstX: data.domain[0], lastX: data.domain[1]}));
  const xs = (how) => alignedSeries(series, how, new Derivations()).map(({x0, lastX}) => [[...x0], lastX]);
  assert.deepEqual(xs("first"), [[[0, 50, 100], 100], [[0, 2], 2]]);
  assert.deepEqual(xs("percent"), [[[0, 50, 100], 100], [[0, 100], 100]]);
});
