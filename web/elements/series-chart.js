import {ChartModel} from "../charts/chart-model.js";
import {chipsOf, unitOf} from "../charts/chart-notes.js";
import {ChartView} from "../charts/chart-view.js";
import {Frame} from "../charts/frame.js";
import {colorOf, Painter} from "../charts/painter.js";
import {axisName} from "../charts/reading.js";
import {pictures, sync, turns} from "../charts/sync.js";
import {forgetTheme, pageTheme, THEMES} from "../charts/theme.js";
import {watchTheme} from "../charts/watch-theme.js";
import {busy} from "../idle.js";

/** While moving, charts that paint slower than this stretch their last picture. */
const STRETCH_ABOVE_MS = 7;
/** The words for screen readers follow the data after this time, so that live updates do not rebuild them. */
const DESCRIBE_MS = 200;
let later = null;
/** Reading off, zooming and exports are loaded when the first chart has been painted. */
const loadInteraction = () => (later ??= import("../charts/interaction.js").catch((error) => { later = null; throw error; }));
const LOAD_AGAIN_MS = 3000;                                     // where that failed, because the server was away

/**
 * `<series-chart>` draws one or more metrics of many runs.
 *
 * @property series `{run, metric, name, color, dash, data: SeriesColumns, highlighted?}[]`
 * @property options `{x, xRule, xScale, yScale, smoothing, outliers, range, yRange, events, references, aggregate, syncKey, title, unit, utc, live, highlight, legend}`
 * @property loading  @property message  @property note
 * @fires range-change {range, yRange} 80 ms after the last move  @fires reset when the whole range is wanted again
 * @fires hover-x {x, run}  @fires hover-run {run}  @fires pin {x, run, rows}  @fires outliers-change {outliers}  @fires use-symlog  @fires painted once
 */
export class SeriesChart extends HTMLElement {
  #model = new ChartModel(); #painter = new Painter(); #view; #frame = null; #theme = null; #listeners = null; #sizeWatch;
  #series = []; #options = {}; #loading = false; #message = null; #more = null; #library = null; #own = null; #wanted = sync.run;
  #dirty = new Set(); #waiting = 0; #describing = 0; #again = 0; #painted = null; #paintMs = 0; #paints = 0; #told = false; #marks = 0; #lit = ""; #box = null; #outside = false;

  constructor() {
    super();
    this.#view = new ChartView(this.attachShadow({mode: "open"}));
  }

  /** What the parts may know of the element. */
  #host() {
    const chart = this;
    return {
      model: this.#model, view: this.#view,
      get options() { return chart.#options; }, get theme() { return chart.#theme; }, get painted() { return chart.#painted; },
      get area() { return chart.#frame.area; }, get over() { return chart.#frame.over; },
      invalidate: (what) => this.#invalidate(what), fire: (name, detail) => this.#fire(name, detail), flush: () => this.flush(),
    };
  }

  set series(series) { this.#series = series ?? []; this.#invalidate("data"); }
  get series() { return this.#series; }

  set options(options) {
    const before = this.#options;
    this.#options = {...options};
    if (!options.outliers) this.#outside = false;
    if (!this.#more?.ranges.moving) this.#model.takeRanges(this.#options, before);   // what a person is doing goes before an older answer
    this.#invalidate("data");
  }
  get options() { return this.#options; }

  set loading(loading) { this.#loading = Boolean(loading); this.#view.bar.hidden = !this.#loading; this.#view.figure.setAttribute("aria-busy", String(this.#loading)); }
  get loading() { return this.#loading; }

  set message(message) { this.#message = message || null; this.#view.showMessage(this.#message); this.#invalidate("overlay"); }
  get message() { return this.#message; }

  /** What the chart lacks, below it. @param {{text: string, useStep: boolean}|null} note  @fires use-step when the way on is taken */
  set note(note) { if (this.#view.showNote(note, () => this.#fire("use-step", {}))) this.#invalidate("size"); }

  /** Whether a first picture or a message is drawn. */
  get isPainted() { return this.#told; }

  connectedCallback() {
    this.#listeners = new AbortController();
    const {signal} = this.#listeners;
    sync.addEventListener("crosshair", ({detail}) => this.#more?.reader.follow(detail), {signal});
    sync.addEventListener("highlight", ({detail}) => this.#want(detail), {signal});
    watchTheme(() => this.#takeTheme(), signal);
    this.#sizeWatch = new ResizeObserver(() => this.#invalidate("size"));
    this.#sizeWatch.observe(this.#view.plot);
    this.#start(signal);
  }

  disconnectedCallback() {
    this.#listeners.abort();
    this.#sizeWatch.disconnect();
    cancelAnimationFrame(this.#waiting);
    clearTimeout(this.#describing);
    turns.drop(this);
    pictures.drop(this);
    clearTimeout(this.#again);
    this.#frame?.destroy();
    this.#frame = this.#painted = this.#box = this.#more = null;
    this.#waiting = 0;
  }

  #start(signal) {
    this.#theme = pageTheme(this);
    this.#frame = new Frame(this.#view.plot, this.#theme, this.#model);
    this.#view.attach(this.#frame.over);
    this.#invalidate("data");
    if (later || this.#told) this.#interact(signal);
    // Two frames later: the first chart is on the screen before more code is fetched.
    else this.addEventListener("painted", () => requestAnimationFrame(() => requestAnimationFrame(() => this.#interact(signal))), {once: true, signal});
  }

  async #interact(signal) {
    if (signal.aborted) return;
    const done = busy();
    this.#library = await loadInteraction().catch(() => null);
    done();
    if (signal.aborted) return;
    if (!this.#library) { this.#again = setTimeout(() => this.#interact(signal), LOAD_AGAIN_MS); return; }
    this.#own = this.#host();
    this.#more = new this.#library.Interaction(this.#own, signal);
    this.#describeSoon();
    this.#invalidate("overlay");
  }

  // Drawing: everything is decided in one frame, the costliest first

  #invalidate(what) {
    this.#dirty.add(what);
    if (this.#waiting || !this.#frame) return;
    if (!this.#told && !this.#series.length && !this.#message) return;      // nothing to see yet: others may draw first
    if (!this.#told) { pictures.take(this, () => this.#update()); return; }
    this.#waiting = requestAnimationFrame(() => { this.#waiting = 0; this.#update(); });
  }

  /** Draws now what waits for the next frame. */
  flush() {
    cancelAnimationFrame(this.#waiting);
    pictures.drop(this);
    this.#waiting = 0;
    if (this.#frame && this.#dirty.size) this.#update();
  }

  #update() {
    const dirty = this.#dirty;
    const resized = (dirty.has("size") || !this.#box) && this.#resize();
    if (!this.#box) return;                                     // not laid out yet; the size will tell
    this.#dirty = new Set();
    if (dirty.has("data")) this.#takeData();
    if (dirty.has("data") || dirty.has("layout") || resized) this.#layout();
    else if (dirty.has("move")) this.#move();
    else if (dirty.has("theme")) { this.#frame.redraw(); this.#paint(); }
    if (dirty.has("hover") && !this.#more?.ranges.moving) this.#more?.reader.point();
    this.#light();
    this.#more?.reader.show();
    this.#dirty.delete("overlay");
    this.#dirty.delete("hover");
    // An empty frame is not yet a chart: what may wait for the first one waits on.
    if (this.#told || !(this.#paints && (this.#model.traces.length || this.#message))) return;
    this.#told = true;
    this.#fire("painted", {});
  }

  /** @returns {boolean} whether the frame has another size than before */
  #resize() {
    const {clientWidth, clientHeight} = this.#view.plot, before = this.#box;
    if (clientWidth < 40 || clientHeight < 30) { this.#box = null; return false; }
    this.#box = {width: Math.floor(clientWidth), height: Math.floor(clientHeight)};
    if (before?.width === this.#box.width && before.height === this.#box.height) return false;
    this.#frame.resize(this.#box.width, this.#box.height);
    return true;
  }

  #takeData() {
    this.#model.update(this.#series.filter(({data}) => data), {...this.#options, outliers: this.#options.outliers && !this.#outside});
    this.#describeSoon();
  }

  #layout() {
    // Before all else: it takes its room from the plot.
    if (this.#view.showLegend(this.#options.legend ? this.#model.told.map(({source}) => ({...source, color: colorOf({source}, this.#theme)})) : [], this.#options.legend === "all" ? Infinity : undefined)) this.#resize();
    if (!this.#box) return;
    this.#frame.name = axisName(this.#options.x) + (this.#options.xRule ? ` = ${this.#options.xRule}` : "");
    if (!this.#more?.ranges.moving) this.#model.layout(this.#frame.area.width);
    this.#showFrame();
    this.#view.figure.classList.toggle("blank", this.#model.traces.length === 0);
    this.#view.showHead({title: this.#options.title ?? "", unit: unitOf(this.#options), xname: this.#frame.name},
      chipsOf(this.#model, this.#options, {reset: () => this.reset(), showOutliers: () => this.#showOutliers(), useSymlog: () => this.#fire("use-symlog", {})}));
    this.#paint();
  }

  #showFrame() { const {xScale, yScale, x, y} = this.#model; this.#frame.show(x.map(xScale.forward), y.map(yScale.forward)); }

  /** While moving: the exact picture if it is quick, else the last one stretched. */
  #move() {
    this.#showFrame();
    if (this.#paintMs < STRETCH_ABOVE_MS || !this.#painted) { this.#paint(); return; }
    const {width, height} = this.#frame.area, old = this.#painted, now = this.#model.view(width, height, 1);
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
    this.#paints += 1;
  }

  /** Which run is to be lit: by the chart under the pointer at once, by the others in turns. */
  #want({run, source}) {
    if (source === this || source === this.#own) { this.#wanted = run; this.#invalidate("overlay"); return; }
    turns.take(this, () => { this.#wanted = sync.run; this.#light(); });
  }

  /** The highlighted run, thick on the overlay; the chart itself is only dimmed. */
  #light() {
    const lit = (this.#options.highlight === false ? null : this.#more?.reader.pinned?.run ?? this.#wanted) ?? "";
    if (this.#lit === lit || !this.#painted) return;
    this.#lit = lit;
    const {base, overlay} = this.#view;
    const here = lit !== "" && this.#model.traces.some(({source}) => (source.run ?? source.name) === lit);
    base.classList.toggle("faint", here && this.#model.traces.length > 1);
    overlay.hidden = !here;
    if (here) this.#painter.paintHighlight(overlay.getContext("2d"), this.#model, new Set([lit]), this.#painted, this.#theme);
  }

  /** Reads the page's colours again. The page may call it after changing its theme in a way that cannot be observed. */
  refreshTheme() {
    forgetTheme();
    this.#takeTheme();
  }

  #takeTheme() {
    if (!this.#frame) return;
    this.#theme = this.#frame.theme = pageTheme(this);
    this.#invalidate("theme");
  }

  #showOutliers() {
    this.#outside = true;
    this.#invalidate("data");
    this.#fire("outliers-change", {outliers: false});
  }

  #describeSoon() {
    clearTimeout(this.#describing);
    this.#describing = setTimeout(() => this.#describe(), DESCRIBE_MS);
  }

  #describe() {
    if (!this.#library) return;                                 // it describes when it comes
    if (!pictures.isEmpty) { this.#describeSoon(); return; }    // pictures go first
    const {chartName, summarise, summaryText} = this.#library, summaries = this.#model.told.map(summarise);
    this.#view.describe(chartName(this.#options.title, summaries.length, this.#model), summaryText(summaries), summaries);
  }

  // What the page may ask for

  /** Back to the whole range. */
  reset() { this.#more?.ranges.reset(); }
  /** Moves the crosshair of all charts with this one's key. @param {number|null} x */
  setCrosshair(x) { sync.crosshair(this.#options.syncKey ?? this.#options.x ?? "step", x, null); this.#invalidate("overlay"); }
  /** Marks a run here and everywhere. @param {string|null} run */
  highlight(run) { sync.highlight(run, this); }
  /** The rows of the tooltip as tab-separated values. */
  rowsTSV() { return this.#more?.reader.tsv() ?? ""; }
  /** All buckets in view as CSV. */
  toCSV() { this.flush(); return this.#library.tracesAsCSV(this.#model.traces, this.#options.x, this.#model.x); }

  /** All buckets in view as JSON; what is not finite is a word. */
  toJSON() { this.flush(); return this.#library.tracesAsJSON(this.#model.traces); }
  /** The chart with title and legend as SVG. @param {"light"|"dark"} [theme] by default the page's  @param {{width: number, height: number}} [size] */
  toSVG(theme, size) {
    this.flush();
    const {width, height} = size ?? {width: this.#box?.width ?? 600, height: (this.#box?.height ?? 300) + 24};
    return this.#library.exportSVG(this.#model, this.#options, THEMES[theme ?? (this.#theme?.dark ? "dark" : "light")], {width, height});
  }

  /** A PNG of `scale` × the size on the page. @returns {Promise<Blob>} */
  async toPNG(scale = 1, theme = undefined) { return (await loadInteraction()).rasteriseSVG(this.toSVG(theme), scale); }

  /** What the chart shows, for tests. */
  debugState() {
    this.flush();
    if (!this.#library) return {ready: this.#painted !== null, interactive: false, series: [], moving: false, paints: this.#paints};
    const {reader, ranges} = this.#more ?? {};
    return this.#library.debugState({model: this.#model, options: this.#options, view: this.#painted, area: this.#frame?.area ?? null, hits: reader?.hits ?? [],
      reading: reader?.reading ?? null, pinned: reader?.pinned ?? null, moving: ranges?.moving ?? false, interactive: this.#more !== null, loading: this.#loading, message: this.#message,
      paints: this.#paints, paintMs: this.#paintMs, marks: this.#marks, lit: this.#lit ? [this.#lit] : [], tip: !this.#view.tip.hidden});
  }

  #fire(name, detail) { this.dispatchEvent(new CustomEvent(name, {detail, bubbles: true, composed: true})); }
}

if (!customElements.get("series-chart")) customElements.define("series-chart", SeriesChart);
