import {Frame} from "../charts/frame.js";
import {formatStep, formatTicks, formatValue} from "../charts/format.js";
import {binAt, nearestSlice, quantile, slicesOf, stepEdges, valueRange} from "../charts/histogram-model.js";
import {paintBands, paintHeatmap, paintOverlay, paintRidges, shade} from "../charts/paint-histogram.js";
import {makeTools, MODES, sliceTable, toolStyles} from "../charts/histogram-tools.js";
import {figureStyles, seriesStyles} from "../charts/styles.js";
import {tipStyles} from "../charts/tip-styles.js";
import {sync} from "../charts/sync.js";
import {readTheme} from "../charts/theme.js";
import {watchTheme} from "../charts/watch-theme.js";
import {linearTicks} from "../charts/ticks.js";
import {placeTooltip} from "../charts/tooltip.js";
import {ChartView} from "../charts/chart-view.js";
import {quote} from "../charts/summary.js";
import * as strings from "../strings.js";

/**
 * `<histogram-chart>` draws a metric's histograms over steps.
 *
 * @property data an answer of `/runs/{run}/histograms/data`, or for bands a list of them with `name` and `color`
 * @property mode `heatmap` (default), `ridgelines`, `bands`, `overlay`  @property options `{title, syncKey, log, color, more}`; `more` runs are not among the data
 * @fires hover-x {x}  @fires mode-change {mode}  @fires step-select {step}
 */
export class HistogramChart extends HTMLElement {
  #view; #tools; #frame = null; #theme = null; #listeners = null; #waiting = 0; #size;
  #runs = []; #mode = "heatmap"; #options = {}; #step = null; #x = [0, 1]; #y = [0, 1]; #area = null; #hit = null; #painted = false;

  constructor() {
    super();
    const root = this.attachShadow({mode: "open"});
    this.#view = new ChartView(root);
    root.adoptedStyleSheets = [figureStyles, seriesStyles, tipStyles, toolStyles];
    this.#tools = makeTools(this.#view);
  }

  set data(data) {
    const answers = Array.isArray(data) ? data : data ? [data] : [];
    this.#runs = answers.map((answer) => ({name: answer.runName ?? answer.run ?? answer.name ?? "", run: answer.run ?? null, color: answer.color, slices: slicesOf(answer), total: answer.total}));
    const steps = this.#slices.map(({step}) => step);
    this.#tools.slider.max = String(Math.max(0, steps.length - 1));
    if (this.#step === null || !steps.length) this.#step = steps.at(-1) ?? null;
    this.#invalidate();
  }
  get data() { return this.#runs; }

  set mode(mode) { if (Object.hasOwn(MODES, mode)) { this.#mode = mode; this.#tools.mode.value = mode; this.#invalidate(); } }
  get mode() { return this.#mode; }

  set options(options) { this.#options = {...options}; if (options.log !== undefined) this.#tools.log.checked = options.log; this.#invalidate(); }
  get options() { return this.#options; }

  set loading(loading) { this.#view.bar.hidden = !loading; this.#view.figure.setAttribute("aria-busy", String(Boolean(loading))); }
  set message(message) { this.#view.showMessage(message); }

  get #slices() { return this.#runs[0]?.slices ?? []; }
  get #syncKey() { return this.#options.syncKey ?? "step"; }
  get #log() { return this.#tools.log.checked; }
  /** Only bands show several runs; the other pictures are of the first. */
  get #several() { return this.#runs.length > 1 && this.#mode === "bands"; }
  get #overSteps() { return this.#mode === "heatmap" || this.#mode === "bands"; }

  connectedCallback() {
    this.#listeners = new AbortController();
    const {signal} = this.#listeners;
    sync.addEventListener("crosshair", ({detail}) => this.#crosshair(detail), {signal});
    this.#tools.mode.addEventListener("change", () => { this.mode = this.#tools.mode.value; this.#fire("mode-change", {mode: this.#mode}); }, {signal});
    this.#tools.log.addEventListener("change", () => this.#invalidate(), {signal});
    this.#tools.slider.addEventListener("input", () => this.#select(Number(this.#tools.slider.value), true), {signal});
    this.#view.figure.addEventListener("keydown", (event) => this.#key(event), {signal});
    watchTheme(() => this.refreshTheme(), signal);
    this.#size = new ResizeObserver(() => this.#invalidate());
    this.#size.observe(this.#view.plot);
    this.#start(signal);
  }

  disconnectedCallback() {
    this.#listeners.abort();
    this.#size.disconnect();
    cancelAnimationFrame(this.#waiting);
    this.#waiting = 0;
    this.#view.closeTip();
    this.#frame?.destroy();
    this.#frame = null;
  }

  #start(signal) {
    this.#theme = readTheme(this);
    this.#frame = new Frame(this.#view.plot, this.#theme, {xTicks: (n) => this.#ticks(this.#x, n, this.#overSteps), yTicks: (n) => this.#ticks(this.#y, n, this.#mode === "ridgelines")});
    this.#view.attach(this.#frame.over);
    this.#frame.over.addEventListener("pointermove", (event) => this.#point(event), {signal});
    this.#frame.over.addEventListener("pointerleave", () => this.#leave(), {signal});
    this.#frame.over.addEventListener("click", () => { if (this.#hit) this.#select(this.#hit.index, false); }, {signal});
    this.#invalidate();
  }

  #ticks([low, high], count, integers) {
    const places = linearTicks(low, high, count, integers);
    return {places, labels: formatTicks(places)};
  }

  #invalidate() {
    if (this.#waiting || !this.#frame) return;
    this.#waiting = requestAnimationFrame(() => { this.#waiting = 0; this.#draw(); });
  }

  refreshTheme() {
    if (!this.#frame) return;
    this.#theme = this.#frame.theme = readTheme(this);
    this.#invalidate();
  }

  #draw() {
    const {plot, figure} = this.#view;
    const [width, height] = [Math.floor(plot.clientWidth), Math.floor(plot.clientHeight)];
    figure.classList.toggle("blank", !this.#slices.length);
    this.#tools.bar.hidden = !this.#slices.length;
    if (width < 40 || height < 30) return;
    this.#frame.name = this.#overSteps ? "step" : "value";
    this.#ranges();
    this.#frame.resize(width, height);
    this.#frame.show(this.#x, this.#y);
    this.#paint();
    this.#showHead();
    this.#showStep();
    this.#describe();
    if (!this.#painted) { this.#painted = true; this.#fire("painted", {}); }
  }

  #ranges() {
    const all = this.#mode === "bands" ? this.#runs.flatMap(({slices}) => slices) : this.#slices;
    const values = valueRange(all), steps = stepEdges([...all].sort((a, b) => a.step - b.step));
    const span = [steps[0], steps.at(-1)];
    const peak = all.reduce((most, slice) => Math.max(most, slice.peak), 0) || 1;
    this.#x = this.#overSteps ? span : values;
    this.#y = this.#overSteps ? values : this.#mode === "overlay" ? [0, peak * 1.05] : [span[0], span[1] + (span[1] - span[0]) * 0.25];
  }

  #paint() {
    const area = this.#frame.area, ratio = devicePixelRatio || 1;
    const view = {x0: this.#x[0], x1: this.#x[1], y0: this.#y[0], y1: this.#y[1], width: Math.round(area.width * ratio), height: Math.round(area.height * ratio), ratio};
    this.#area = area;
    this.#view.sizeCanvases(view.width, view.height);
    const context = this.#view.base.getContext("2d"), slices = this.#slices, selected = slices[nearestSlice(slices, this.#step)];
    const color = this.#runs[0]?.color ?? this.#options.color ?? this.#theme.link, {dark, text, bg} = this.#theme;
    if (this.#mode === "heatmap") paintHeatmap(context, slices, view, {dark, log: this.#log});
    if (this.#mode === "ridgelines") paintRidges(context, slices, view, {color, bg, selected});
    if (this.#mode === "bands") paintBands(context, this.#runs.map((run) => ({...run, color: run.color ?? color})), view);
    if (this.#mode === "overlay") paintOverlay(context, slices, view, {dark, selected, text});
  }

  #showHead() {
    const nan = this.#slices.reduce((sum, slice) => sum + slice.nan, 0);
    const chips = nan ? [{text: `${formatStep(nan)} NaN`, kind: "error", hint: strings.histogram.notBinnedHint}] : [];
    const run = this.#runs[0], thinned = run?.total > run?.slices.length, {more} = this.#options;
    if (this.#runs.length > 1 && !this.#several) chips.push({text: run.name, hint: strings.histogram.onlyRun});
    else if (more > 0) chips.push({text: `+${more}`, hint: strings.histogram.moreRuns({count: more, drawn: this.#runs.length})});
    this.#view.showHead({title: this.#options.title ?? run?.name ?? "", unit: thinned ? strings.histogram.stepsOf({shown: run.slices.length, total: formatStep(run.total)}) : "", xname: this.#frame.name}, chips);
    this.#view.showLegend(this.#several ? this.#runs : []);
    this.#tools.log.parentElement.hidden = this.#mode !== "heatmap";
    this.#tools.scale.hidden = this.#mode !== "heatmap" && this.#mode !== "overlay";
    const stops = [0, 0.25, 0.5, 0.75, 1].map((t) => `rgb(${shade(t, this.#theme.dark).join(" ")})`);
    this.#tools.scale.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
    this.#tools.scale.title = this.#mode === "heatmap" ? strings.histogram.countsScale : strings.histogram.stepsScale;
  }

  // Steps and pointer

  #select(index, tell) {
    const slice = this.#slices[index];
    if (!slice) return;
    this.#step = slice.step;
    sync.crosshair(this.#syncKey, slice.step, tell ? null : this);
    this.#fire("step-select", {step: slice.step});
    this.#invalidate();
  }

  #showStep() {
    const index = nearestSlice(this.#slices, this.#step);
    this.#tools.slider.value = String(Math.max(0, index));
    const step = this.#slices[index]?.step;
    this.#tools.output.textContent = step === undefined ? "" : strings.common.stepAt({step: formatStep(step)});
    this.#tools.slider.setAttribute("aria-valuetext", this.#tools.output.textContent);
    const x = sync.xOf(this.#syncKey) ?? step;
    const place = this.#overSteps && x !== undefined ? ((x - this.#x[0]) / (this.#x[1] - this.#x[0])) * this.#area.width : null;
    this.#view.showCross(place !== null && place >= 0 && place <= this.#area.width ? place : null);
  }

  #crosshair({key, x, source}) {
    if (key !== this.#syncKey || source === this) return;
    if (x !== null && this.#slices.length) this.#step = this.#slices[nearestSlice(this.#slices, x)].step;
    if (!this.#frame || !this.#area) return;
    if (this.#mode === "heatmap" || this.#mode === "bands") this.#showStep(); else this.#invalidate();
  }

  #point(event) {
    const box = this.#frame.over.getBoundingClientRect(), at = {x: event.clientX - box.left, y: event.clientY - box.top};
    const x = this.#x[0] + (at.x / box.width) * (this.#x[1] - this.#x[0]), y = this.#y[1] - (at.y / box.height) * (this.#y[1] - this.#y[0]);
    const step = this.#overSteps ? x : this.#mode === "ridgelines" ? y : this.#step, value = this.#overSteps ? y : x;
    const index = nearestSlice(this.#slices, step);
    if (index < 0) return;
    this.#hit = {index, value, bin: binAt(this.#slices[index], value)};
    if (this.#overSteps) { sync.crosshair(this.#syncKey, x, this); this.#fire("hover-x", {x, run: this.#runs[0].run}); this.#step = this.#slices[index].step; this.#showStep(); }
    this.#showTip(event);
  }

  #leave() {
    this.#hit = null;
    this.#view.closeTip();
    sync.crosshair(this.#syncKey, null, this);
    this.#showStep();
  }

  #showTip(event) {
    const {tip} = this.#view, line = (text) => Object.assign(document.createElement("div"), {textContent: text});
    const slice = this.#slices[this.#hit.index], head = document.createElement("header");
    head.textContent = this.#several ? strings.common.stepAt({step: formatStep(slice.step)}) : strings.histogram.slice({step: formatStep(slice.step), count: formatStep(slice.count ?? 0)});
    tip.replaceChildren(head, ...this.tipLines(this.#hit).map(line));
    this.#view.openTip();
    const size = tip.getBoundingClientRect(), place = placeTooltip({x: event.clientX, y: event.clientY}, size, {width: innerWidth, height: innerHeight});
    tip.style.left = `${place.left}px`;
    tip.style.top = `${place.top}px`;
  }

  /** What the tooltip says of a slice and a value: exact edges and counts. @returns {string[]} */
  tipLines({index, bin}) {
    const slice = this.#slices[index];
    if (this.#several) return this.#runs.map((run) => `${run.name}: ${summed(run.slices[nearestSlice(run.slices, slice.step)])}`);
    const lines = [];
    if (bin >= 0) {
      const share = slice.count > 0 ? ` (${formatValue((100 * slice.counts[bin]) / slice.count, 3)} %)` : "";
      lines.push(`${exact(slice.edges[bin])} – ${exact(slice.edges[bin + 1])}: ${formatStep(slice.counts[bin])}${share}`);
    }
    lines.push(summed(slice));
    if (slice.nan) lines.push(`${formatStep(slice.nan)} NaN`);
    return lines;
  }

  #key(event) {
    if (event.composedPath()[0] !== this.#view.figure || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = nearestSlice(this.#slices, this.#step), last = this.#slices.length - 1, by = event.shiftKey ? 10 : 1;
    const to = {ArrowLeft: index - by, ArrowRight: index + by, Home: 0, End: last}[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    const at = Math.max(0, Math.min(last, to));
    this.#select(at, true);
    this.#view.spoken.textContent = [strings.common.stepAt({step: formatStep(this.#slices[at].step)}), ...this.tipLines({index: at, bin: -1})].join(", ");
  }

  #describe() {
    const slices = this.#slices;
    const name = strings.histogram.name({title: this.#options.title ?? this.#runs[0]?.name ?? strings.histogram.untitled, mode: MODES[this.#mode].toLowerCase(), count: slices.length, range: slices.length ? strings.histogram.range({from: formatStep(slices[0].step), to: formatStep(slices.at(-1).step)}) : ""});
    const last = slices.at(-1);
    this.#view.figure.setAttribute("aria-label", name);
    this.#view.summary.textContent = last ? strings.histogram.summary({min: formatValue(last.min), median: formatValue(quantile(last, 0.5)), max: formatValue(last.max), count: formatStep(last.count ?? 0)}) : "";
    if (this.#several) this.#view.summary.textContent = this.#runs.map((run) => `${run.name}: ${summed(run.slices.at(-1))}.`).join(" ");
    this.#view.data.replaceChildren(sliceTable(name, slices[nearestSlice(slices, this.#step)]));
  }

  /** All bins as CSV: step, lower edge, upper edge, count. */
  toCSV() {
    const rows = this.#slices.flatMap(({step, edges, counts}) => Array.from(counts, (count, i) => [step, edges[i], edges[i + 1], count].map(quote).join(",")));
    return ["step,from,to,count", ...rows].join("\r\n") + "\r\n";
  }

  /** What the chart shows, for tests. */
  debugState() {
    return {ready: this.#painted, mode: this.#mode, slices: this.#slices.length, steps: this.#slices.map(({step}) => step), step: this.#step, xRange: [...this.#x], yRange: [...this.#y],
      hit: this.#hit, log: this.#log, runs: this.#runs.map(({name, color, slices}) => ({name, color, slices: slices.length})), area: this.#area, tooltip: !this.#view.tip.hidden};
  }

  #fire(name, detail) { this.dispatchEvent(new CustomEvent(name, {detail, bubbles: true, composed: true})); }
}

const summed = (slice) => (slice ? strings.histogram.quantiles({min: formatValue(slice.min), median: formatValue(quantile(slice, 0.5)), max: formatValue(slice.max)}) : "—");
const exact = (value) => String(Number(value.toPrecision(9))).replace("-", "\u2212");

if (!customElements.get("histogram-chart")) customElements.define("histogram-chart", HistogramChart);
