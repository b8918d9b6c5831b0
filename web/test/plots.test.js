/** Plots of runs: points and their sizes, logarithmic axes, bars of groups. */
import assert from "node:assert/strict";
import {test} from "node:test";
import {diameters} from "../charts/statistics.js";
import {groupBars, placesOf} from "../lib/group-bars.js";
import {scatterOf, withLog} from "../lib/run-points.js";
import {formatView, parseView} from "../lib/url-state.js";

const run = (id, config, loss) => ({id, name: id, config, summary: loss === undefined ? {} : {loss: {last: loss}}});
const RUNS = [run("a", {lr: 0.1, width: 8}, 0), run("b", {lr: 1, width: 32}, 2), run("c", {lr: 10}, 3), run("d", {lr: 1}), run("e", {lr: 1}, "NaN")];
const keys = (more) => ({x: "config.lr", y: "summary.loss.last", ...more});

test("areas grow from the least value to the greatest; what has no value is a dot", () => {
  assert.deepEqual(diameters([1, 2, 5]), [5, 5 + 17 * 0.5, 22]);
  assert.deepEqual(diameters([-3, undefined, 7, NaN]), [5, 3, 22, 3]);
  assert.deepEqual(diameters([4, 4, undefined]), [9, 9, 3]);
  assert.deepEqual(diameters([undefined, undefined]), [9, 9]);
});

test("points are the runs with both values, with their size if a key is chosen", () => {
  const {data, options} = scatterOf(RUNS, keys({size: "config.width"}), (each) => `#${each.id}`, []);

  assert.deepEqual(data.map(({run: id, x, y, size, color}) => [id, x, y, size, color]), [["a", 0.1, 0, 8, "#a"], ["b", 1, 2, 32, "#b"], ["c", 10, 3, undefined, "#c"]]);
  assert.deepEqual([options.xName, options.yName, options.sizeName, options.trend], ["lr", "loss", "width", true]);
  assert.ok(scatterOf(RUNS, keys(), String, []).data.every((point) => !("size" in point)));
  assert.equal(scatterOf(RUNS.slice(0, 2), keys(), String, []).options.trend, false);
});

test("an axis is logarithmic where it is asked for and all values allow it", () => {
  const {positive, options} = scatterOf(RUNS, keys({log: "xy"}), String, []);

  assert.deepEqual(positive, {x: true, y: false});
  assert.deepEqual([options.xScale, options.yScale], ["log", "linear"]);
  assert.deepEqual(["none", undefined].map((log) => scatterOf(RUNS, keys({log}), String, []).options.xScale), ["linear", "linear"]);
  assert.deepEqual([withLog("x", "y", true), withLog("xy", "x", false), withLog("y", "y", false), withLog("none", "x", true)], ["xy", "y", "none", "x"]);
});

test("what is chosen of the plots is in the address", () => {
  const view = {...parseView(""), plotSize: "config.width", plotLog: "y", turned: ["config.lr", "a,b"]};

  assert.deepEqual(parseView(formatView(view)), view);
  assert.equal(parseView("?plog=z").plotLog, "x");
});

test("a group's bar is its mean, with a band where more than one run has a value", () => {
  const groups = [{values: ["vit", 2], runs: 3, columns: {k: {count: 3, mean: 5, std: 2, min: 3, max: 7}}}, {values: [null, 2], runs: 1, columns: {k: {count: 1, mean: 4, std: 0, min: 4, max: 4}}}, {values: ["cnn", 1], runs: 2, columns: {}}];

  const bars = groupBars({by: ["config.model", "config.depth"], groups}, "k", String);

  assert.deepEqual(bars.map(({name, value, low, high, count, color}) => [name, value, low, high, count, color]), [
    ["model: vit, depth: 2", 5, 3, 7, 3, "0"], ["model: —, depth: 2", 4, undefined, undefined, 1, "1"], ["model: cnn, depth: 1", undefined, undefined, undefined, 0, "2"]]);
});

test("groups have the colours of their lines: in the order of the shown runs, then the others", () => {
  const groups = ["a", "b", "c", null].map((model) => ({values: [model]})), shown = [{config: {}}, {config: {model: "c"}}, {config: {model: "a"}}, {config: {model: "c"}}, {config: {model: "unknown"}}];

  assert.deepEqual(placesOf({by: ["config.model"], groups}, shown), [2, 3, 1, 0]);
});
