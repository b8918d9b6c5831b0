/** The stand-alone page of the chart tests: made-up runs, one chart of each kind. `window.charts` is for the tests. */
import {runColor, runDash} from "/charts/colors.js";
import {sync, turns} from "/charts/sync.js";
import {decodeSeries} from "/charts/series-format.js";
import {binaryOf, columnsOf, curve, histogramAnswer, random} from "./data.js";

const parameters = new URLSearchParams(location.search);
if (parameters.get("theme")) document.documentElement.dataset.theme = parameters.get("theme");
if (parameters.has("big")) document.documentElement.dataset.big = "";
const theme = document.documentElement.dataset.theme === "dark" ? "dark" : "light";
const grid = document.getElementById("grid");

/** Adds an element with properties. */
function add(name, properties) {
  const element = document.createElement(name);
  grid.append(element);
  Object.assign(element, properties);
  return element;
}

/** Columns as they come over the wire. `f32=1` in the address sends single precision, as the server mostly does. */
const received = (columns) => decodeSeries(binaryOf(columns, !parameters.has("f32"))).series[0];

/** A series of run `n` from points. */
function entry(n, points, {metric = "train/loss", buckets = 1000, ...rest} = {}) {
  return {run: `run${n}`, name: `vit-b-${String(n).padStart(2, "0")}`, metric, color: runColor(n, theme), dash: runDash(n), data: received(columnsOf(points, buckets, {run: `run${n}`, metric})), ...rest};
}

const runs = (count, points, options = {}) => Array.from({length: count}, (_, n) => entry(n, curve(n, points, options), options));

const scenes = {
  line: () => add("series-chart", {series: runs(8, 2000), options: {title: "train/loss", x: "step"}}),
  dense: () => add("series-chart", {series: runs(5, 40000, {spike: 12345}), options: {title: "train/loss, 40 000 points", x: "step"}}),
  nan: () => add("series-chart", {series: runs(4, 2000, {nan: true}), options: {title: "val/loss", x: "step", unit: "nats", events: [{step: 600, kind: "restart", title: "resumed"}, {step: 1200, kind: "checkpoint", title: "epoch 4"}]}}),
  smooth: () => add("series-chart", {series: runs(4, 2000, {spike: 700}), options: {title: "train/accuracy", x: "relative", smoothing: {kind: "timeEMA", amount: 0.9}}}),
  log: () => add("series-chart", {series: runs(4, 2000, {decay: true}), options: {title: "grad/norm", x: "step", yScale: "log"}}),
  symlog: () => add("series-chart", {series: runs(3, 800, {signed: true}), options: {title: "reward", yScale: "symlog"}}),
  few: () => add("series-chart", {series: runs(3, 20), options: {title: "val/accuracy", x: "metric:epoch"}}),
  one: () => add("series-chart", {series: [entry(0, [[10, 0.4321]])], options: {title: "test/accuracy"}}),
  constant: () => add("series-chart", {series: [entry(2, Array.from({length: 300}, (_, i) => [i, 3e-4]))], options: {title: "lr"}}),
  outliers: () => add("series-chart", {series: runs(3, 2000, {spike: 500}), options: {title: "train/loss, outliers cut", outliers: true}}),
  wall: () => add("series-chart", {series: runs(3, 500, {clock: 1763689000}), options: {title: "system/gpu", x: "wall", utc: true, unit: "%", events: []}}),
  empty: () => add("series-chart", {series: [], options: {title: "val/f1"}, message: "2 of 12 shown runs log this · x-axis epoch missing in 1 · use step"}),
  heatmap: () => add("histogram-chart", {data: histogramAnswer("weights/conv1", 60), options: {title: "weights/conv1"}}),
  ridgelines: () => add("histogram-chart", {data: histogramAnswer("weights/conv1", 60), options: {title: "weights/conv1"}, mode: "ridgelines"}),
  bands: () => add("histogram-chart", {data: [0, 1].map((n) => ({...histogramAnswer("grads/conv1", 60, {seed: n + 1}), run: `run${n}`, color: runColor(n * 2, theme)})), options: {title: "grads/conv1"}, mode: "bands"}),
  overlay: () => add("histogram-chart", {data: histogramAnswer("weights/conv1", 60), options: {title: "weights/conv1"}, mode: "overlay"}),
  bars: () => add("bar-chart", {data: Array.from({length: 8}, (_, n) => ({run: `run${n}`, name: `vit-b-${n}`, value: 0.9 - ((n * 7) % 5) * 0.08, color: runColor(n, theme), ...(n % 2 ? {low: 0.5, high: 0.86} : {})})), options: {title: "val/accuracy"}}),
  scatter: () => add("scatter-chart", {data: trials(40).map(({run, name, color, values}) => ({run, name, color, x: values.lr, y: values.loss, size: values.layers})), options: {title: "loss by lr", xName: "lr", yName: "val/loss", xScale: "log", trend: true, pareto: {x: "max", y: "min"}}}),
  parallel: () => add("parallel-chart", {data: trials(Number(parameters.get("trials") ?? 60)), axes: [{key: "lr", log: true}, {key: "optimizer"}, {key: "layers"}, {key: "loss", name: "val/loss"}], options: {title: "60 trials", colorBy: "loss"}}),
  sparks: () => sparkBox(),
  group: () => add("series-chart", {series: [groupOf(0, "adamw"), groupOf(1, "lion")], options: {title: "train/loss by optimizer"}}),
  many: () => add("series-chart", {series: runs(Number(parameters.get("runs") ?? 100), 4000), options: {title: "train/loss, many runs"}}),
};

function trials(count) {
  const next = random(9);
  return Array.from({length: count}, (_, n) => {
    const lr = 10 ** (-5 + 3 * next()), layers = 2 + Math.floor(next() * 6);
    return {run: `run${n}`, name: `trial-${n}`, color: runColor(n, theme), values: {lr, layers, optimizer: ["adamw", "lion", "sgd"][n % 3], loss: 0.3 + (Math.log10(lr) + 3.5) ** 2 * 0.2 + next() * 0.2 - layers * 0.02}};
  });
}

function sparkBox() {
  const box = document.createElement("div");
  grid.append(box);
  for (const [values, kind] of [[[1, 3, 2, 5, 4, 6], "line"], [[3, 2, NaN, 1, 4], "line"], [[7], "line"], [[0, 2, 5, 0, 1, 9, 3], "bars"]]) box.append(Object.assign(document.createElement("spark-line"), {values, kind, label: "runs"}), " ");
  return box;
}

function groupOf(n, name) {
  const source = entry(n, curve(n, 400));
  const {data} = source;
  const spread = random(n + 50);
  data.group = {optimizer: name};
  data.low = data.mean.map((v) => v - 0.2 - 0.05 * spread());
  data.high = data.mean.map((v) => v + 0.2 + 0.05 * spread());
  data.runs = new Float64Array(data.bucketCount).fill(n ? 2 : 12);
  return {...source, run: null, name};
}

const ELEMENTS = {bars: "bar-chart", scatter: "scatter-chart", parallel: "parallel-chart", sparks: "sparkline", heatmap: "histogram-chart", ridgelines: "histogram-chart", bands: "histogram-chart", overlay: "histogram-chart"};
const wanted = parameters.get("scenes")?.split(",") ?? Object.keys(scenes).filter((name) => name !== "many");
await Promise.all(wanted.map((name) => import(`/elements/${ELEMENTS[name] ?? "series-chart"}.js`)));
const made = Object.fromEntries(wanted.filter((name) => scenes[name]).map((name) => [name, scenes[name]()]));
const frame = () => new Promise((done) => requestAnimationFrame(done));
const isMoving = () => [...document.querySelectorAll("series-chart")].some((chart) => chart.debugState().moving);

/** Ends when nothing moves and all that was asked for is drawn. Timers run out in the page's own order, so a slow machine only takes longer. */
async function settle() {
  await frame();
  await new Promise((done) => setTimeout(done, 100));
  while (isMoving() || !turns.isEmpty) await frame();
  await frame();
  await frame();
}

globalThis.charts = {...made, add, entry, curve, histogramAnswer, columnsOf, runs, sync, settle};

// Panels of ECharts start when they come into view; the others draw at once.
const waits = Object.values(made).filter((chart) => /^(series|histogram)-chart$/.test(chart.localName));
const isReady = (chart) => { const {ready, interactive} = chart.debugState(); return ready && interactive !== false; };
while (!waits.every(isReady)) await new Promise((done) => setTimeout(done, 10));
await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
document.documentElement.dataset.ready = "1";
