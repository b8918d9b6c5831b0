import assert from "node:assert/strict";
import {test} from "node:test";
import {comparableOrigin, environmentFacts, packagesOf, resumeCommand} from "../lib/environment.js";
import {isAtLeast, levelOf} from "../lib/log-level.js";
import {ansiParts, collapseReturns, plainText} from "../lib/ansi.js";
import {compareValues, equal, flatten, toFlags, toYAML, valueAt, wordDiff} from "../lib/tree.js";
import {emptyMessage, missingNote, questionOf, smoothingOf} from "../lib/chart-query.js";
import {AxisColumn} from "../lib/axis-column.js";
import {eventsOn, runningSeconds} from "../lib/event-places.js";
import {defaultView} from "../lib/url-state.js";
import {EventSourceHub} from "../live-hub.js";

test("colours and styles become classes, everything else of the terminal goes away", () => {
  assert.deepEqual(ansiParts("\x1b[1;31merror\x1b[0m: \x1b[38;5;2mgreen\x1b[39m \x1b[2K\x1b]0;title\x07end"), [
    {text: "error", classes: ["ansi-bold", "ansi-1"]}, {text: ": ", classes: []}, {text: "green", classes: ["ansi-2"]}, {text: " ", classes: []}, {text: "end", classes: []}]);
  assert.equal(plainText("\x1b[38;2;1;2;3mtrue colour\x1b[m"), "true colour");
});

test("a progress bar is its last state", () => {
  assert.equal(collapseReturns("10 %\r50 %\r100 %"), "100 %");
  assert.equal(collapseReturns("done\r"), "done");
  assert.equal(collapseReturns("plain"), "plain");
});

test("nested config is flat paths; lists and empty objects are values; keys with dots are found", () => {
  assert.deepEqual([...flatten({a: {b: 1, c: {}}, d: [1, 2]})], [["a.b", 1], ["a.c", {}], ["d", [1, 2]]]);
  assert.equal(valueAt({"a.b": {c: 3}}, "a.b.c"), 3);
  assert.equal(valueAt({a: null}, "a.b"), undefined);
  assert.ok(equal({a: [1, {b: 2}], c: NaN}, {c: NaN, a: [1, {b: 2}]}) && !equal([1], {0: 1}));
});

test("a comparison marks what differs, counts missing as different, leaves out what is ignored", () => {
  const rows = compareValues([{lr: 0.1, data: {seed: 1, name: "x"}}, {lr: 0.1, data: {seed: 2}}], {ignore: ["*.seed"]});
  assert.deepEqual(rows, [{path: "data.name", cells: ["x", undefined], differs: true}, {path: "lr", cells: [0.1, 0.1], differs: false}]);
});

test("a word diff gives back both texts", () => {
  const [before, after] = ["train the big model on all data", "train a small model on all new data"];
  const parts = wordDiff(before, after);
  assert.equal(parts.filter((part) => part.kind !== "added").map((part) => part.text).join(""), before);
  assert.equal(parts.filter((part) => part.kind !== "removed").map((part) => part.text).join(""), after);
  assert.ok(parts.some((part) => part.kind === "same" && part.text.includes("model on all")));
});

test("YAML quotes what would be read as something else", () => {
  assert.equal(toYAML({a: {b: [1, 2], c: [{d: 1}]}, f: null}), "a:\n  b: [1,2]\n  c:\n    -\n      d: 1\nf: null\n");
  assert.match(toYAML({c: "yes", e: "a: b", d: "plain text"}), /c: "yes"\ne: "a: b"\nd: plain text\n/);
  assert.equal(toFlags({a: {b: "it's"}, n: 1}), "--a.b 'it'\\''s' --n 1");
});

test("validation metrics and short ones are smoothed only when asked for themselves", () => {
  const view = {...defaultView(), smoothing: {kind: "ema", amount: 0.9}, charts: {"val/acc": {smoothing: {kind: "ema", amount: 0.5}}}};
  assert.deepEqual(smoothingOf("train/loss", view), {kind: "ema", amount: 0.9});
  assert.equal(smoothingOf("val/loss", view), null);
  assert.equal(smoothingOf("train/loss", view, 30), null);
  assert.deepEqual(smoothingOf("val/acc", view), {kind: "ema", amount: 0.5});
});

test("a question names the exact range of a zoomed chart and the group of a grouped one", () => {
  const view = {...defaultView(), charts: {loss: {range: [10, 20], x: "wall"}}, groupBy: ["config.model"], grouped: true, band: "std"};
  const {columns, ...question} = questionOf({metric: "loss", runs: ["a"], view, width: 600});
  assert.deepEqual(question, {runs: ["a"], metric: "loss", x: "wall", buckets: 750, from: 10, to: 20,
    group: {by: ["config.model"], aggregate: "mean", band: "std"}});
  assert.ok(["min", "max", "mean", "last", "nanCount"].every((name) => columns.includes(name)));
  const linked = {...defaultView(), link: true, range: [1, 2], charts: {loss: {range: [10, 20]}}};
  assert.deepEqual([questionOf({metric: "loss", runs: [], view: linked, width: 100}).from, questionOf({metric: "loss", runs: [], view: linked, width: 100}).buckets], [1, 250]);
});

test("an empty chart says why, and what to do", () => {
  assert.match(emptyMessage({runs: [], metrics: ["m"], missing: [], series: [], x: "step"}), /Choose runs/);
  assert.equal(emptyMessage({runs: ["a", "b"], metrics: ["m"], missing: [{run: "a", metric: "m", reason: "no_x"}, {run: "b", metric: "m", reason: "no_x"}], series: [], x: "metric:epoch"}), "x-axis epoch missing in 2 of 2.");
  assert.match(emptyMessage({runs: ["a"], metrics: ["m"], missing: [], series: [{bucketCount: 0}], x: "step"}), /No points in this range/);
  assert.equal(emptyMessage({runs: ["a"], metrics: ["m"], missing: [], series: [{bucketCount: 3}], x: "step"}), null);
});

test("events lie at their step, or at their time on axes of time", () => {
  const events = [{run: "a", step: 5, time: 61_000_000, seconds: 0.5, kind: "checkpoint"}, {run: "b", step: 7, kind: "note"}], runOf = (run) => ({a: {startedAt: 60_000}})[run];
  const places = (axis, how = {}) => eventsOn(axis, events, {runOf, ...how}).map(({run, step}) => [run, step]);

  assert.equal(eventsOn("step", events, {runOf}), events);
  assert.deepEqual(places("wall"), [["a", 61]]);
  assert.deepEqual(places("relative"), [["a", 1]]);
  assert.deepEqual(places("running"), [["a", 0.5]]);
  assert.deepEqual(places("metric:epoch"), []);
  const epoch = new AxisColumn({x0: [0, 10], x1: [4, 10], first: [0, 2], last: [1, 2], bucketCount: 2});
  assert.deepEqual(places("metric:epoch", {columnOf: (run) => (run === "b" ? epoch : undefined)}), [["b", 1.5]]);
  assert.deepEqual(places("metric:tokens", {derived: {base: "step", factors: new Map([["a", 100]])}}), [["a", 500]]);
  assert.deepEqual(places("metric:kWh", {derived: {base: "running", factors: new Map([["a", 2], ["b", 2]])}}), [["a", 1]]);
});

test("a moment's running time leaves out when nothing ran", () => {
  const attempts = [{startedAt: 1_000}, {startedAt: 100_000, ranBefore: 30_000}];

  assert.equal(runningSeconds(11_000_000, attempts), 10);
  assert.equal(runningSeconds(105_000_000, attempts), 35);
  assert.equal(runningSeconds(500_000, attempts), -0.5, "a clock that was set back");
  assert.equal(runningSeconds(undefined, attempts), undefined);
  assert.equal(runningSeconds(1, []), undefined);
});

test("a metric that is an axis is known between its steps and after the last, not before the first", () => {
  const column = new AxisColumn({x0: [10, 20, 30], x1: [10, 25, 30], first: [1, 2, NaN], last: [1, 3, NaN], bucketCount: 3});

  assert.deepEqual([9, 10, 15, 20, 22.5, 25, 40].map((step) => column.at(step)), [undefined, 1, 1.5, 2, 2.5, 3, 3]);
  assert.equal(column.end, 25);
  assert.equal(new AxisColumn({x0: [], x1: [], first: [], last: [], bucketCount: 0}).at(1), undefined);
});

test("a chart says which of the shown runs it lacks, and why", () => {
  const runs = ["a", "b", "c", "d"], lacks = (run, reason, metric = "m") => ({run, metric, reason});
  const note = (missing, metrics = ["m"]) => missingNote({runs, metrics, missing, x: "metric:epoch"});

  assert.equal(note([]), null);
  assert.equal(note([lacks("zz", "not_logged")]), null, "a run that is not shown");
  assert.deepEqual(note([lacks("a", "not_logged"), lacks("b", "not_logged")]), {text: "2 of 4 shown runs log this", useStep: false});
  assert.deepEqual(note([lacks("a", "not_logged"), lacks("b", "no_x")]), {text: "3 of 4 shown runs log this · x-axis epoch missing in 1", useStep: true});
  assert.deepEqual(note([lacks("b", "damaged")]), {text: "damaged on disk in 1", useStep: false});
  assert.equal(note([lacks("a", "not_logged", "m"), lacks("b", "not_logged", "n")], ["m", "n"]), null, "each logs one of the two metrics");
  assert.equal(note(runs.map((run) => lacks(run, "not_logged"))).text, "None of the 4 shown runs logs this");
});

test("after a break the stream says so once, and asks to read everything again when it is back", (t) => {
  const sources = [];
  class Source { static CLOSED = 2; readyState = 0; constructor(url) { this.url = url; sources.push(this); } addEventListener(type, listener) { (this.listeners ??= {})[type] = listener; } close() { this.readyState = 2; } }
  globalThis.EventSource = /** @type {any} */ (Source);
  t.mock.timers.enable({apis: ["setTimeout"]});
  const heard = [];
  const hub = new EventSourceHub("/events", (message) => heard.push(message.type === "state" ? message.data : message.type));
  sources[0].onopen();
  sources[0].listeners.rows({data: '{"run":"a"}'});
  sources[0].readyState = 2;
  sources[0].onerror();
  t.mock.timers.tick(1000);
  sources[1].onopen();
  assert.deepEqual(heard, ["live", "rows", "reconnecting", "live", "resync"]);
  hub.close();
});

test("the level of a line is read from what programs print, and a word in a sentence is none", () => {
  const lines = [["2026-11-21 10:00:00,123 - trainer - WARNING - lr is high", 2], ["[error] disk", 3], ["level=warn msg=a", 2], ['{"level": "ERROR"}', 3], ["warning: overflow 3", 2],
    ["train.py:3: UserWarning: bad", 2], ["Traceback (most recent call last):", 3], ["torch.cuda.OutOfMemoryError: CUDA", 3], ["main.c:3:4: error: bad", 3],
    ["INFO:root:hello", 1], ["epoch 3 error 0.2", null], ["an error occurred", null], ["", null]];

  for (const [text, level] of lines) assert.equal(levelOf(text), level, text);
  assert.ok(isAtLeast("anything", "all") && isAtLeast("FATAL x", "warning") && !isAtLeast("anything", "info") && !isAtLeast("INFO x", "warning"));
});

test("where a run came from is told as facts, and compared by what two processes may share", () => {
  const environment = {host: "gpu-0", cores: 1, memory: 2 ** 30, process: 42, command: ["train", "--lr", "1e-3", "it's"], gpus: ["A100", "A100"],
    git: {commit: "0123456789abcdef", branch: "main", dirty: true}, packages: [{name: "swift-log", version: "1.6"}]};

  const facts = Object.fromEntries(environmentFacts(environment));
  assert.deepEqual([facts.Command, facts.Commit, facts.Machine, facts.GPUs], ["train --lr 1e-3 'it'\\''s'", "0123456789ab with changes", "1 core · 1 GiB", "A100, A100"]);
  assert.deepEqual(comparableOrigin({...environment, process: 43}), comparableOrigin(environment));
  assert.deepEqual([packagesOf(environment), environmentFacts(undefined), comparableOrigin(undefined), packagesOf(undefined)], [{"swift-log": "1.6"}, [], {}, {}]);
});

test("the command that takes a run up again, where it ran and as it was typed", () => {
  assert.equal(resumeCommand({id: "ab2cd34e", environment: {command: ["train", "--data", "cifar 10"], folder: "/home/ada/my runs"}}),
    "cd '/home/ada/my runs' && TRACK_RUN_ID=ab2cd34e TRACK_RESUME=must train --data 'cifar 10'");
  assert.equal(resumeCommand({id: "ab2cd34e", environment: {command: "train"}}), "TRACK_RUN_ID=ab2cd34e TRACK_RESUME=must train");
  assert.equal(resumeCommand({id: "ab2cd34e"}), null);
});
