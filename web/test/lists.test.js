import assert from "node:assert/strict";
import {test} from "node:test";
import {MOST, scrollScale, windowOf} from "../lib/windowing.js";
import {compareNatural} from "../lib/natural.js";
import {metricMatcher, sectionOf, sectionsOf} from "../lib/sections.js";
import {itemsOf, joinedSpread, leavesOf, spreadOf, statesText, treeOf} from "../lib/group-tree.js";
import {groupPlaces} from "../lib/group-members.js";
import {frontAndEnd} from "../lib/names.js";
import {History} from "../lib/history.js";
import {atBestKey, columnOf, metricOf} from "../lib/columns.js";
import {frontOf} from "../lib/pareto.js";
import {toCSV, toLaTeX, toMarkdown} from "../lib/csv.js";

test("the window holds every row that is seen, at any scroll place", () => {
  for (let seed = 1; seed < 500; seed++) {
    const [height, row, count] = [100 + (seed * 37) % 900, 20 + seed % 20, (seed * 7919) % 20_000];
    const top = Math.max(0, ((seed * 104729) % 1000) / 1000 * (count * row - height));
    const {first, last} = windowOf(top, height, row, count, 4);
    assert.ok(first >= 0 && last <= count && first <= last);
    for (let i = Math.floor(top / row); i < Math.min(count, Math.ceil((top + height) / row)); i++) assert.ok(i >= first && i < last, `row ${i}`);
    assert.ok(last - first <= height / row + 10);
  }
});

test("a million rows fit into what browsers can scroll, and the end is reached", () => {
  const {content, scale} = scrollScale(1_000_000, 20, 600);
  assert.equal(content, MOST);
  assert.ok(Math.abs((content - 600) * scale - (1_000_000 * 20 - 600)) < 1);
  assert.deepEqual(scrollScale(100, 20, 600), {content: 2000, scale: 1});
});

test("numbers in names are numbers", () => {
  assert.deepEqual(["layer10", "layer2", "Layer1"].sort(compareNatural), ["Layer1", "layer2", "layer10"]);
  assert.deepEqual(["b", "épo3", "epo20", "Epo1", "a-b", "a", "", "a1", "a01", "10", "9"].sort(compareNatural), ["", "9", "10", "a", "a-b", "a01", "a1", "b", "Epo1", "épo3", "epo20"]);
  assert.equal(compareNatural("run 1", "run 1"), 0);
});

test("sections are the prefix, in natural order, pinned first, system last", () => {
  assert.equal(sectionOf("a/b/c"), "a");
  assert.equal(sectionOf("a/b/c", "last"), "a/b");
  assert.equal(sectionOf("loss"), "charts");
  const sections = sectionsOf(["system/cpu", "val/loss", "layer10/x", "layer2/x", "loss"], {pinned: ["val/loss", "gone"]});
  assert.deepEqual(sections.map((section) => section.name), ["Pinned", "charts", "layer2", "layer10", "val", "system"]);
  assert.deepEqual(sections[0].metrics, ["val/loss"]);
});

test("words of the metric filter all match, patterns match as patterns, wrong ones match all and say why", () => {
  assert.ok(metricMatcher("loss train").test("train/loss"));
  assert.ok(!metricMatcher("loss test").test("train/loss"));
  assert.ok(metricMatcher("/^train/").test("train/loss") && !metricMatcher("/^loss/").test("train/loss"));
  const wrong = metricMatcher("/(/");
  assert.ok(wrong.error && wrong.test("anything"));
});

const run = (id, state, config) => ({id, name: id, state, config, tags: [], summary: {}});
const spread = (...numbers) => {
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const std = numbers.length > 1 ? Math.sqrt(numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (numbers.length - 1)) : 0;
  return {count: numbers.length, mean, std, min: Math.min(...numbers), max: Math.max(...numbers)};
};
const group = (values, runs, states, columns = {}) => ({values, runs, states, columns, filter: JSON.stringify(values)});
const GROUPS = [
  group(["vit", 0.1], 2, {running: 1, finished: 1}, {"config.depth": spread(1, 4)}), group(["vit", true], 3, {failed: 2, running: 1}, {"config.depth": spread(7, 9, 30)}),
  group([null, "0.1"], 1, {finished: 1}),
];

test("groups nest, missing values are a group of their own, closed groups hide their runs, runs that are not loaded have rows", () => {
  const tree = treeOf(GROUPS, ["config.model", "config.lr"]);
  const members = new Map([['/"vit"/0.1', {ids: ["a", "b"], complete: true}], ['/null/"0.1"', {ids: [], complete: false}]]);
  const items = itemsOf(tree, (node) => node.label !== "lr: true", (key) => members.get(key));
  assert.deepEqual(items.map((item) => item.label ?? item.id ?? item.group), ["model: vit", "lr: 0.1", "a", "b", "lr: true", "no model", "lr: 0.1", '/null/"0.1"']);
  assert.deepEqual(items[0].ids, ["a", "b"]);
  assert.equal(items[0].count, 5);
  assert.equal(statesText(items[0].states), "2 running, 2 failed, 1 finished");
  assert.deepEqual(leavesOf(tree[0]).map((leaf) => leaf.filter), ['["vit",0.1]', '["vit",true]']);
});

test("the spread of a group above is that of all its runs", () => {
  const above = treeOf(GROUPS, ["config.model", "config.lr"])[0].columns["config.depth"], all = spread(1, 4, 7, 9, 30);
  for (const name of Object.keys(all)) assert.ok(Math.abs(above[name] - all[name]) < 1e-9, name);
  assert.deepEqual(joinedSpread({count: 0, mean: 0, std: 0, min: 0, max: 0}, spread(3)), spread(3));
});

test("names give way in the middle, their ends stay", () => {
  assert.deepEqual(frontAndEnd("vit-b-adam"), ["vit-b-adam", ""]);
  assert.deepEqual(frontAndEnd("resnet18-adamw-lr-0.001-seed-3"), ["resnet18-adamw-lr-0.00", "1-seed-3"]);
});

test("undo goes back fifty steps, a slider's moves are one, a new change forgets what was undone", () => {
  const history = new History(0);
  for (let i = 1; i <= 60; i++) history.push(i);
  for (let i = 0; i < 50; i++) history.undo();
  assert.equal(history.now, 10);
  assert.equal(history.undo(), null);
  history.redo();
  history.push(99);
  assert.equal(history.canRedo, false);
  for (let i = 0; i < 5; i++) history.push(200 + i, {key: "slider", time: 100 + i * 10});
  assert.equal(history.undo(), 99);
});

test("columns know metrics with dots and their aggregation", () => {
  assert.deepEqual(metricOf("summary.val/acc.top.5.max"), {metric: "val/acc.top.5", aggregate: "max"});
  assert.deepEqual(metricOf("summary.loss"), {metric: "loss", aggregate: "last"});
  const nan = {...run("x", "failed", {"a.b": 1}), summary: {loss: {last: "NaN"}}};
  assert.equal(columnOf("summary.loss.last").text(nan), "NaN");
  assert.equal(columnOf("config.a.b").value(nan), 1);
  assert.equal(columnOf("config.gone").text(nan), "—");
  assert.equal(columnOf("lastStep").text({...nan, lastStep: null}), "—");
});

test("CSV quotes, keeps all digits, and cannot become a formula", () => {
  assert.equal(toCSV([["a,b", 'c"d', 0.1 + 0.2, "=SUM(A1)", -1.5, "-x"]]), `"a,b","c""d",0.30000000000000004,'=SUM(A1),-1.5,'-x\n`);
});

test("Markdown and LaTeX escape their own signs", () => {
  assert.match(toMarkdown([["a|b"], ["1"]]), /a\\\|b/);
  assert.match(toLaTeX([["a_b & 50 %"], ["1"]]), /a\\_b \\& 50 \\% \\\\/);
});

test("each run finds the line of its group, also by numbers and by what is missing", () => {
  const place = groupPlaces([{"config.lr": "0.001", state: "finished"}, {"config.lr": null, state: "finished"}], ["config.lr", "state"]);
  const run = (lr, state) => ({config: lr === undefined ? {} : {lr}, state});

  assert.deepEqual([run(0.001, "finished"), run(undefined, "finished"), run(0.001, "running")].map(place), [0, 1, -1]);
});

test("sections of one's own stand first and take what matches, the first pattern counts, a wrong one matches nothing", () => {
  const own = [["gradients", "grad|norm"], ["second", "loss$"], ["broken", "("]];
  const sections = sectionsOf(["train/loss", "train/grad_norm", "val/loss", "system/cpu", "lr"], {own}).map(({name, metrics}) => [name, metrics]);

  assert.deepEqual(sections, [["gradients", ["train/grad_norm"]], ["second", ["train/loss", "val/loss"]], ["charts", ["lr"]], ["system", ["system/cpu"]]]);
});

test("a metric at another one's best is a column of its own, whatever the names hold", () => {
  for (const [metric, other] of [["train/loss", "val/acc"], ["a.b.max", "top.5, %"], ["x", "summary.y"]]) {
    const key = atBestKey(metric, other);
    assert.deepEqual(metricOf(key), {metric, aggregate: "at", other});
    const column = columnOf(key), run = {atBest: {[key]: {value: 0.5, step: 3200, best: 0.9, bestStep: 3210}}};
    assert.equal(column.label, `${metric} at best ${other}`);
    assert.equal(column.value(run), 0.5);
    assert.match(column.hint(run), /^0\.5, logged at step 3\u2009200; .* was best, 0\.9, at step 3\u2009210$/);
    assert.equal(column.text({}), "—");
    assert.equal(column.hint({}), "");
    assert.match(column.unsorted, /cannot be sorted/);
  }
  assert.equal(columnOf(atBestKey("loss", "acc")).plain({atBest: {[atBestKey("loss", "acc")]: {value: "NaN", step: 1, best: 1, bestStep: 1}}}), "NaN");
  assert.equal(metricOf("at.%E0%A4%A.loss").other, "%E0%A4%A");       // a link that was cut
});

test("numbers come to a spread, without those that are missing or not finite", () => {
  const {count, mean, std, min, max} = spreadOf([1, NaN, undefined, 4, "NaN", 7]);
  assert.deepEqual([count, mean, min, max], [3, 4, 1, 7]);
  assert.ok(Math.abs(std - 3) < 1e-12);
  assert.equal(spreadOf([undefined, NaN]), null);
});

test("two metrics with goals have a Pareto front, whatever of them is told", () => {
  const metrics = [{name: "loss", goal: "minimize"}, {name: "val/acc", goal: "maximize"}, {name: "speed"}];

  assert.deepEqual(frontOf("summary.loss.min", "summary.val/acc.last", metrics), {x: "min", y: "max"});
  assert.equal(frontOf("summary.loss.min", "summary.speed.last", metrics), null);
  assert.equal(frontOf("config.loss", "summary.loss.min", metrics), null);
});
