import {ChartModel} from "../charts/chart-model.js";
import {ChartView} from "../charts/chart-view.js";
import {chipsOf, unitOf} from "../charts/chart-notes.js";
import {debugState} from "../charts/chart-state.js";
import {exportSVG, rasteriseSVG} from "../charts/export-svg.js";
import {Frame} from "../charts/frame.js";
import {Gestures} from "../charts/gestures.js";
import {ChartKeys} from "../charts/chart-keys.js";
import {bucketAt, nearestRuns, REACH} from "../charts/hit-test.js";
import {colorOf, Painter} from "../charts/painter.js";
import {chartName, summarise, summaryText, tracesAsCSV} from "../charts/summary.js";
import {sync} from "../charts/sync.js";
import {readTheme, THEMES} from "../charts/theme.js";
import {axisName, fillTooltip, placeTooltip, rowOf, rowsAsTSV} from "../charts/tooltip.js";
import {placesOf} from "../charts/trace.js";
import {loadUPlot} from "../charts/uplot.js";
import {formatValue} from "../charts/format.js";

/** Exact data is asked for this long after the last move of a zoom or pan. */
const SETTLE_MS = 80;
/** While moving, charts that paint slower than this stretch their last picture. */
const STRETCH_ABOVE_MS = 7;

/**
 * `<series-chart>` draws one or more metrics of many runs.
 *
 * @property series `{run, metric, name, color, dash, data: SeriesColumns, highlighted?}[]`
 * @property options `{x, xScale, yScale, smoothing, outliers, range, yRange, events, aggregate, syncKey, title, unit, utc, live}`
 * @fires range-change {range, yRange} 80 ms after the last move  @fires reset when the whole range is wanted again
 * @fires hover-x {x, run}  @fires hover-run {run}  @fires pin {x, run, rows}  @fires outliers-change {outliers}  @fires painted once
 */
export class SeriesChart extends HTMLElement {
  #model = new ChartModel(); #painter = new Painter(); #view; #frame = null; #theme = null; #listeners = null;
  #series = []; #options = {}; #loading = false; #message = null; #keys;
  #dirty = new Set(); #waiting = 0; #painted = null; #paintMs = 0; #paints = 0; #marks = 0;
  #pointer = null; #hits = []; #pinned = null; #outside = false; #moving = false; #settle = 0; #described = 0; #lit = null; #box = null;

  constructor() {
    super();
    this.#view = new ChartView(this.attachShadow({mode: "open"}));
    this.#keys = new ChartKeys(this, this.#model);
  }

  set series(series) { this.#series = series ?? []; this.#invalidate("data"); }
  get series() { return this.#series; }

  set options(options) {
    const before = this.#options;
    this.#options = {...options};
    if (!options.outliers) this.#outside = false;
    if (JSON.stringify(before.range) !== JSON.stringify(options.range)) this.#model.range = options.range ? [...options.range] : null;
    if (JSON.stringify(before.yRange) !== JSON.stringify(options.yRange)) this.#model.yRange = options.yRange ? [...options.yRange] : null;
    this.#invalidate("data");
  }
  get options() { return this.#options; }

  set loading(loading) { this.#loading = Boolean(loading); this.#view.bar.hidden = !this.#loading; this.setAttribute("aria-busy", String(this.#loading)); }
  get loading() { return this.#loading; }

  set message(message) { this.#message = message || null; this.#view.showMessage(this.#message); }
  get message() { return this.#message; }

  connectedCallback() {
    this.#listeners = new AbortController();
    const {signal} = this.#listeners;
    sync.addEventListener("crosshair", (event) => this.#crosshair(event.detail), {signal});
    sync.addEventListener("highlight", () => this.#invalidate("overlay"), {signal});
    this.addEventListener("keydown", (event) => this.#keys.press(event), {signal});
    this.addEventListener("focusout", () => this.#keys.leave(), {signal});
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
      matchMedia(query).addEventListener("change", () => this.refreshTheme(), {signal});
    }
    this.#themeWatch = new MutationObserver(() => this.refreshTheme());
    this.#themeWatch.observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme", "class", "style"]});
    this.#sizeWatch = new ResizeObserver(() => this.#invalidate("size"));
    this.#sizeWatch.observe(this.#view.plot);
    this.#start();
  }
  #themeWatch; #sizeWatch;

  disconnectedCallback() {
    this.#listeners.abort();
    this.#themeWatch.disconnect();
    this.#sizeWatch.disconnect();
    cancelAnimationFrame(this.#waiting);
    this.#waiting = 0;
    clearTimeout(this.#settle);
    clearTimeout(this.#described);
    this.#view.closeTip();
    this.#frame?.destroy();
    this.#frame = null;
  }

  async #start() {
    const uPlot = await loadUPlot().catch((error) => { this.message = error.message; });
    if (!uPlot || !this.isConnected || this.#frame) return;
    this.#theme = readTheme(this);
    this.#frame = new Frame(uPlot, this.#view.plot, this.#theme, this.#model);
    this.#view.attach(this.#frame.over);
    new Gestures(this.#frame.over, this.#gestures(), this.#listeners.signal);
    this.#invalidate("data");
  }

  #gestures() {
    return {
      hover: (x, y, touch) => { this.#pointer = {x, y, touch}; this.#keys.release(); this.#invalidate("hover"); },
      leave: () => this.#leave(),
      click: (x, y, touch) => { this.#pointer = {x, y, touch}; this.#invalidate("hover"); if (!touch) this.#togglePin(); },
      select: (box) => { this.#view.showSelection(box); if (box) this.#view.closeTip(); },
      zoom: (box, kind) => this.#zoomTo(box, kind),
      pan: (dx, dy) => this.#pan(dx, dy),
      scale: (factor, at) => this.zoomBy(factor, at),
      settle: () => this.#moved(),
      reset: () => this.reset(),
    };
  }

  // Ranges

  /** Back to the whole range. */
  reset() {
    if (!this.#model.range && !this.#model.yRange) return;
    this.#model.range = this.#model.yRange = null;
    clearTimeout(this.#settle);
    this.#moving = false;
    this.#invalidate("layout");
    this.#fire("reset", {});
  }

  /** Zooms x by `factor` (< 1 is nearer) around a place in 0…1 of the plot. */
  zoomBy(factor, at = 0.5) {
    const {xScale, x} = this.#model;
    const [a, b] = x.map(xScale.forward);
    const middle = a + (b - a) * at;
    this.#setRange([xScale.inverse(middle + (a - middle) * factor), xScale.inverse(middle + (b - middle) * factor)]);
  }

  #pan(dx, dy) {
    const {xScale, yScale, x, y, yRange} = this.#model;
    const shift = (scale, [low, high], by) => {
      const [a, b] = [scale.forward(low), scale.forward(high)];
      return [scale.inverse(a - by * (b - a)), scale.inverse(b - by * (b - a))];
    };
    if (yRange) this.#model.yRange = this.#model.y = shift(yScale, y, -dy);
    this.#setRange(shift(xScale, x, dx));
  }

  /** Shows an x-range as if a person had moved there. @param {[number, number]} range */
  showRange(range) { this.#setRange(range); }

  #setRange([low, high]) {
    if (!(high > low) || high - low < Math.abs(high) * 1e-12) return;
    this.#model.range = [low, high];
    this.#model.x = [low, high];
    this.#moving = true;
    this.#invalidate("move");
    this.#moved();
  }

  #moved() {
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => {
      this.#moving = false;
      this.#invalidate("layout");
      this.#fire("range-change", {range: this.#model.range, yRange: this.#model.yRange});
    }, SETTLE_MS);
  }

  #zoomTo(box, kind) {
    const {width, height} = this.#frame.area, view = this.#model.view(width, height, 1);
    const {xScale, yScale} = this.#model;
    const atX = (px) => xScale.inverse(view.x0 + (px / width) * (view.x1 - view.x0));
    const atY = (py) => yScale.inverse(view.y1 - (py / height) * (view.y1 - view.y0));
    if (kind !== "y") this.#model.range = [atX(box.left), atX(box.right)];
    if (kind !== "x") this.#model.yRange = [atY(box.bottom), atY(box.top)];
    this.#invalidate("layout");
    this.#moved();
  }

  // Drawing: everything is decided in one frame, the costliest first

  #invalidate(what) {
    this.#dirty.add(what);
    if (this.#waiting || !this.#frame) return;
    this.#waiting = requestAnimationFrame(() => { this.#waiting = 0; this.#update(); });
  }

  /** Draws now what waits for the next frame. */
  flush() {
    cancelAnimationFrame(this.#waiting);
    this.#waiting = 0;
    if (this.#frame) this.#update();
  }

  #update() {
    const dirty = this.#dirty;
    this.#dirty = new Set();
    const resized = dirty.has("size") || !this.#box;
    if (resized && !this.#resize()) return;
    if (dirty.has("data")) this.#takeData();
    if (dirty.has("data") || dirty.has("layout") || resized) this.#layout();
    else if (dirty.has("move")) this.#move();
    else if (dirty.has("theme")) { this.#frame.redraw(); this.#paint(); }
    this.#hover(dirty);
  }

  #resize() {
    const {plot} = this.#view;
    const [width, height] = [Math.floor(plot.clientWidth), Math.floor(plot.clientHeight)];
    if (width < 40 || height < 30) { this.#box = null; return false; }
    this.#box = {width, height};
    this.#frame.resize(width, height);
    return true;
  }

  #takeData() {
    const series = this.#series.filter(({data}) => data);
    this.#model.update(series, {...this.#options, outliers: this.#outside ? false : this.#options.outliers});
    clearTimeout(this.#described);
    this.#described = setTimeout(() => this.#describe(), 200);
  }

  #layout() {
    this.#model.layout(this.#frame.area.width);
    this.#frame.name = axisName(this.#options.x);
    this.#showFrame();
    this.#view.figure.classList.toggle("blank", this.#model.traces.length === 0);
    this.#view.showHead({title: this.#options.title ?? "", unit: unitOf(this.#options), xname: axisName(this.#options.x)},
      chipsOf(this.#model, this.#options, {reset: () => this.reset(), showOutliers: () => this.#showOutliers()}));
    this.#paint();
  }

  #showFrame() {
    const {xScale, yScale, x, y} = this.#model;
    this.#frame.show(x.map(xScale.forward), y.map(yScale.forward));
  }

  #move() {
    this.#showFrame();
    if (this.#paintMs < STRETCH_ABOVE_MS) { this.#paint(); return; }
    const {width, height} = this.#frame.area;
    const old = this.#painted, now = this.#model.view(width, height, 1);
    const sx = (old.x1 - old.x0) / (now.x1 - now.x0), sy = (old.y1 - old.y0) / (now.y1 - now.y0);
    const tx = ((old.x0 - now.x0) / (now.x1 - now.x0)) * width, ty = ((now.y1 - old.y1) / (now.y1 - now.y0)) * height;
    for (const canvas of [this.#view.base, this.#view.overlay]) canvas.style.transform = `matrix(${sx}, 0, 0, ${sy}, ${tx}, ${ty})`;
  }

  #paint() {
    const {width, height} = this.#frame.area, ratio = devicePixelRatio || 1;
    const view = this.#model.view(Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio)), ratio);
    const start = performance.now();
    this.#view.sizeCanvases(view.width, view.height);
    for (const canvas of [this.#view.base, this.#view.overlay]) canvas.style.transform = "";
    this.#marks = this.#painter.paint(this.#view.base.getContext("2d"), this.#model, view, this.#theme).marks;
    this.#paintMs = performance.now() - start;
    this.#painted = view;
    this.#lit = null;
    this.#dirty.add("overlay");
    if (this.#paints++ === 0) this.#fire("painted", {});
  }

  /** Reads the page's colours again. The page may call it after changing its theme in a way that cannot be observed. */
  refreshTheme() {
    if (!this.#frame) return;
    this.#theme = this.#frame.theme = readTheme(this);
    this.#invalidate("theme");
  }

  // Hover

  #hover(dirty) {
    if (dirty.has("hover") && this.#pointer && !this.#moving) this.#point();
    const runs = this.#litRuns();
    const key = [...runs].join("\n");
    if (this.#lit !== key && this.#painted) {
      this.#lit = key;
      const drawn = this.#model.traces.some(({source}) => runs.has(source.run ?? source.name));
      this.#view.base.classList.toggle("faint", drawn && this.#model.traces.length > 1);
      const context = this.#view.overlay.getContext("2d");
      if (drawn) this.#painter.paintHighlight(context, this.#model, runs, this.#painted, this.#theme);
      else context.clearRect(0, 0, this.#view.overlay.width, this.#view.overlay.height);
    }
    this.#showReading();
  }

  #litRuns() {
    const run = this.#pinned?.run ?? sync.run;
    return new Set(run && this.#options.highlight !== false ? [run] : []);
  }

  #point() {
    const {x, y} = this.#pointer, ratio = devicePixelRatio || 1;
    this.#hits = nearestRuns(this.#model, this.#painted, x * ratio, y * ratio);
    const near = this.#hits[0]?.distance <= REACH * ratio ? this.#hits[0].trace.source : null;
    const run = near ? near.run ?? near.name : null;
    const place = this.#painted.x0 + ((x * ratio) / this.#painted.width) * (this.#painted.x1 - this.#painted.x0);
    this.#announce(this.#model.xScale.inverse(place), run);
  }

  /** Tells the bus, the page and the tooltip what is read off. */
  #announce(x, run) {
    const key = this.#syncKey;
    const changed = sync.run !== run;
    this.#reading = {x, run};
    sync.crosshair(key, x, this, run);
    sync.highlight(run, this);
    this.#fire("hover-x", {x, run});
    if (changed) this.#fire("hover-run", {run});
    if (!this.#pinned) this.#showTip(x);
  }
  #reading = null;

  /** Reads off at `x` the run `run`: what keys and the page do. */
  readAt(x, run) {
    this.#pointer = null;
    const at = this.#placeOf(x, run);
    const ratio = devicePixelRatio || 1;
    this.#hits = at ? nearestRuns(this.#model, this.#painted, at.x * ratio, at.y * ratio) : [];
    const own = this.#hits.findIndex(({trace}) => (trace.source.run ?? trace.source.name) === run);
    if (own > 0) this.#hits.unshift(...this.#hits.splice(own, 1));
    this.#announce(x, run);
    this.#invalidate("overlay");
    return this.#hits[0] ? rowOf(this.#hits[0]) : null;
  }

  get #syncKey() { return this.#options.syncKey ?? this.#options.x ?? "step"; }

  #crosshair({key, source}) {
    if (key === this.#syncKey && source !== this) { this.#reading = null; this.#invalidate("overlay"); }
  }

  /** CSS pixels of a run's point at x, in the plot. */
  #placeOf(x, run) {
    if (!this.#painted) return null;
    const {width, height} = this.#frame.area, view = this.#model.view(width, height, 1);
    const trace = this.#model.traces.find(({source}) => (source.run ?? source.name) === run);
    const px = (place) => ((place - view.x0) / (view.x1 - view.x0)) * width;
    const at = {x: px(this.#model.xScale.forward(x)), y: height / 2, trace: null, index: -1};
    if (!trace) return at;
    const index = bucketAt(trace, x);
    if (index < 0) return at;
    const places = placesOf(trace, this.#model.xScale, this.#model.yScale);
    if (Math.abs(px(places.x[index]) - at.x) > REACH && (x < trace.data.x0[index] || x > trace.data.x1[index])) return at;
    const y = ((view.y1 - places.y[index]) / (view.y1 - view.y0)) * height;
    return {x: at.x, y: Number.isFinite(y) ? Math.max(-9, Math.min(height + 9, y)) : NaN, pointX: px(places.x[index]), trace, index};
  }

  #showReading() {
    const own = this.#pinned ?? this.#reading;
    const x = own?.x ?? sync.xOf(this.#syncKey);
    if (x === null || x === undefined || !this.#painted) { this.#view.showCross(null); this.#view.showPoint(null); return; }
    const at = this.#placeOf(x, own?.run ?? sync.run);
    const {width} = this.#frame.area;
    this.#view.showCross(at.x >= 0 && at.x <= width ? at.x : null);
    if (!at.trace || at.x < 0 || at.x > width) { this.#view.showPoint(null); return; }
    const text = own ? "" : formatValue(at.trace.y[at.index]);
    this.#view.showPoint({x: at.pointX, y: at.y, color: colorOf(at.trace, this.#theme), text}, width);
  }

  #showTip(x) {
    const rows = this.#hits.map(rowOf);
    if (!rows.length) { this.#view.closeTip(); return; }
    const several = new Set(this.#model.traces.map(({source}) => source.metric)).size > 1;
    fillTooltip(this.#view.tip, rows, {xKind: this.#options.x, x, utc: this.#options.utc, several,
      group: Boolean(this.#hits[0].trace.data.group), colorOf: (row) => colorOf({source: row}, this.#theme)});
    this.#view.openTip();
    const box = this.#frame.over.getBoundingClientRect(), size = this.#view.tip.getBoundingClientRect();
    const at = this.#pointer ?? this.#placeOf(x, this.#reading?.run) ?? {x: 0, y: 0};
    const docked = innerWidth < 700;
    const under = box.bottom + 28 + size.height < innerHeight ? box.bottom + 28 : Math.max(4, box.top - size.height - 30);
    const place = docked ? {left: 8, top: under} : placeTooltip({x: box.left + at.x, y: box.top + (Number.isFinite(at.y) ? at.y : box.height / 2)}, size, {width: innerWidth, height: innerHeight});
    this.#view.tip.style.left = `${place.left}px`;
    this.#view.tip.style.top = `${place.top}px`;
  }

  #leave() {
    this.#pointer = null;
    if (this.#pinned) return;
    this.unpin();
  }

  /** Ends a pinned or keyboard reading. @returns {boolean} whether something was pinned */
  unpin() {
    const was = this.#pinned !== null;
    this.#pinned = this.#reading = null;
    this.#view.closeTip();
    sync.crosshair(this.#syncKey, null, this);
    sync.highlight(null, this);
    this.#fire("hover-run", {run: null});
    this.#invalidate("overlay");
    return was;
  }

  #togglePin() {
    if (this.#pinned) { this.unpin(); return; }
    this.flush();
    if (!this.#reading || !this.#hits.length) return;
    this.pin();
  }

  /** Keeps the tooltip open where it is. */
  pin() {
    if (!this.#reading) return;
    this.#pinned = {...this.#reading};
    this.#view.tip.classList.add("pinned");
    this.#fire("pin", {...this.#pinned, rows: this.#hits.map(rowOf)});
  }

  // Taking part and taking away

  /** Moves this chart's crosshair, and that of all charts with its key. @param {number|null} x */
  setCrosshair(x) { this.#reading = null; sync.crosshair(this.#syncKey, x, null); this.#invalidate("overlay"); }
  /** Marks a run here and everywhere. @param {string|null} run */
  highlight(run) { sync.highlight(run, this); }

  /** The rows of the tooltip as tab-separated values. */
  rowsTSV() { return rowsAsTSV(this.#hits.map(rowOf), axisName(this.#options.x)); }
  /** All buckets in view as CSV. */
  toCSV() { return tracesAsCSV(this.#model.traces, this.#options.x, this.#model.x); }
  /** The chart with title and legend as SVG. @param {"light"|"dark"} [theme] */
  toSVG(theme, size = this.#box ?? {width: 600, height: 300}) {
    return exportSVG(this.#model, this.#options, THEMES[theme ?? (this.#theme?.dark ? "dark" : "light")], {width: size.width, height: size.height + 24});
  }
  /** A PNG of `scale` × the size on the page. @returns {Promise<Blob>} */
  async toPNG(scale = 1, theme = undefined) { return rasteriseSVG(this.toSVG(theme), scale); }

  speak(text) { this.#view.spoken.textContent = text; }

  #showOutliers() {
    this.#outside = true;
    this.#invalidate("data");
    this.#fire("outliers-change", {outliers: false});
  }

  #describe() {
    const summaries = this.#model.traces.map(summarise);
    this.#view.describe(chartName(this.#options.title, summaries.length, this.#model), summaryText(summaries), summaries);
  }

  /** What the chart shows, for tests. */
  debugState() {
    this.flush();
    return debugState({model: this.#model, options: this.#options, view: this.#painted, area: this.#frame?.area ?? null, hits: this.#hits,
      reading: this.#reading, pinned: this.#pinned, moving: this.#moving, loading: this.#loading, message: this.#message,
      paints: this.#paints, paintMs: this.#paintMs, marks: this.#marks, lit: [...this.#litRuns()], tip: !this.#view.tip.hidden});
  }

  #fire(name, detail) { this.dispatchEvent(new CustomEvent(name, {detail, bubbles: true, composed: true})); }
}

if (!customElements.get("series-chart")) customElements.define("series-chart", SeriesChart);
