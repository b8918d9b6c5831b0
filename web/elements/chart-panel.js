/**
 * `<chart-panel>`: one chart of a workspace. Asks for its data, keeps it up to date, and offers what can be done with it.
 * @fires chart-settings `{metric, settings, key}`  @fires chart-full `{metric}`  @fires chart-pin `{metric}`
 * @module
 */
import "./series-chart.js";
import {nameActions, panelActions, panelEdge} from "./panel-actions.js";
import {panelEvents} from "./panel-events.js";
import {busy} from "../idle.js";
import {loadSeries} from "../series-loader.js";
import {mergeSeries, needsResync} from "../charts/series-merge.js";
import {runColor, runDash} from "../charts/colors.js";
import {axisOf, baselineOf, drawnAxis, emptyMessage, missingNote, questionOf, rangeOf, showsMembers, smoothingOf, withAxis, withDeclaredAxis} from "../lib/chart-query.js";
import {groupName} from "../lib/group-name.js";
import {onPaper, preference, themeNow} from "../preferences.js";

const LIVE_MS = 500, SLOW_LIVE_MS = 2000, LOADING_AFTER_MS = 150;
let firstChart = true;
/** Formulas and baselines: code that few charts need. @type {typeof import("../lib/derive.js")|null} */
let derive = null;

export class ChartPanel extends HTMLElement {
  #model = null; #chart; #asked = ""; #abort = null; #data = new Map(); #missing = []; #listeners = null; #stale = new Set();
  #timer = 0; #slow = 0; #updating = false; #error = null; #retry = 0; #everLoaded = false; #derivations = null;
  /** What the x-axis follows from, if nobody logs it. @type {import("../lib/x-axes.js").DerivedAxis|null} */ #derived = null; #settled = null;

  /**
   * `{metric, metrics?: string[], formula?, title?, runs: string[], view, store, catalogue: {points, runs, step?} | undefined, events?, colors?, width?}`;
   * `metrics` draws several in one chart, or what `formula` makes of them
   */
  set model(model) {
    this.#model = {...model, view: withDeclaredAxis(model.metric, model.view, model.catalogue?.step)};
    if (this.isConnected) this.#apply();
  }
  get model() { return this.#model; }
  get chart() { return this.#chart; }

  connectedCallback() {
    this.#chart = document.createElement("series-chart");
    this.#chart.append(panelActions(this, () => this.#emit("chart-full", {metric: this.#model.metric})));
    this.append(panelEdge(), this.#chart);
    this.#listeners = new AbortController();
    const {signal} = this.#listeners;
    this.#chart.addEventListener("range-change", ({detail}) => this.#rangeChanged(detail), {signal});
    this.#chart.addEventListener("reset", () => this.#settings({range: undefined, yRange: undefined}), {signal});
    this.#chart.addEventListener("use-step", () => this.#settings({x: "step", range: undefined}), {signal});
    this.#chart.addEventListener("use-symlog", () => this.#settings({yScale: "symlog"}), {signal});
    this.#chart.addEventListener("outliers-change", ({detail}) => this.#settings({outliers: detail.outliers || undefined}), {signal});
    this.#apply();
  }

  disconnectedCallback() {
    this.#listeners?.abort();
    this.#abort?.abort();
    this.#model?.store.removeEventListener("rows", this.#onRows);
    clearTimeout(this.#timer); clearTimeout(this.#slow); clearTimeout(this.#retry);
    this.#timer = 0;
    this.replaceChildren();
    this.#asked = "";
    this.#watched = null;
  }

  #watched = null; #onRows = ({detail}) => this.#rows(detail);

  #apply() {
    if (!this.#model) return;
    if (!derive && needsDerive(this.#model)) { this.#loadDerive(); return; }
    this.#settleAxis();
    const {metric, runs, view, store, catalogue} = this.#model, derived = this.#derived;
    if (this.#watched !== store) {
      this.#watched?.removeEventListener("rows", this.#onRows);
      store.addEventListener("rows", this.#onRows);
      this.#watched = store;
    }
    nameActions(this, metric);
    const own = view.charts[metric] ?? {}, range = rangeOf(metric, view), baseline = store.runs.get(baselineOf(view));
    const axis = drawnAxis(metric, view, derived), events = view.align ? [] : panelEvents(axis, this.#model, derived);
    this.#chart.options = {
      title: this.#model.title ?? metric, unit: baseline ? `${view.against === "ratio" ? "÷" : "\u2212"} ${baseline.name}` : "", legend: onPaper() ? "all" : view.legend || (view.grouped && view.groupBy.length > 0), references: own.lines,
      events: [...events, ...(own.notes ?? []).map(([step, title]) => ({step, kind: "note", title}))], x: axis, xRule: derived?.rule ?? "", xScale: own.xScale ?? "linear", yScale: own.yScale ?? "linear",
      smoothing: smoothingOf(metric, view, catalogue ? catalogue.points / Math.max(1, catalogue.runs) : Infinity) ?? undefined,
      outliers: own.outliers ?? view.outliers, range, yRange: own.yRange ?? null, syncKey: `${axis}${view.align}`, utc: preference("utc"),
      live: runs.some((id) => store.runs.get(id)?.live), aggregate: own.line ?? view.line, highlight: preference("highlight"),
    };
    const points = catalogue ? catalogue.points / Math.max(1, catalogue.runs) : Infinity;
    // Several metrics in one chart share its settings; each is a question of its own.
    const first = questionOf({metric, runs, view, width: this.#model.width || this.clientWidth || 400, points});
    const asking = derived ? derive.perFactor(first, derived) : [first];
    const questions = asking.flatMap((question) => this.#metrics.map((name) => ({...question, metric: name})));
    if (showsMembers(view)) questions.push(...questions.map(({group, ...question}) => question));
    const asked = JSON.stringify(questions);
    if (asked !== this.#asked) { this.#asked = asked; this.#load(questions); } else { this.#show(); }
  }

  /** Finds out what a derived axis is for the shown runs: a metric of its own, or the axis below it and a factor for each run. */
  #settleAxis() {
    const {metric, runs, view, store} = this.#model, x = axisOf(metric, view);
    if (!x.startsWith("of:")) { if (view !== this.#settled) this.#derived = null; return; }
    const found = derive.derivedAxis(x, runs.map((id) => store.runs.get(id)).filter(Boolean), store.metrics);
    this.#derived = found && !found.metric ? found : null;
    this.#settled = withAxis(metric, view, !found ? "step" : found.metric ? `metric:${found.metric}` : found.base);
    this.#model = {...this.#model, view: this.#settled};
  }

  /** Draws at once what the page looks like now: before it is printed there is no frame to wait for. */
  showNow() {
    if (!this.isConnected || !this.#model) return;
    this.#apply();
    this.#show();
    this.#chart.refreshTheme();
    this.#chart.flush();
  }

  /** What the chart asks the server, with all its metrics. */
  get question() {
    const questions = JSON.parse(this.#asked || "[]"), [{metric, ...question} = {}] = questions;
    return {...question, metrics: [...new Set(questions.map((each) => each.metric))]};
  }

  async #loadDerive() {
    const done = busy();
    try { derive = await import("../lib/derive.js"); } catch (error) { this.#chart.message = error.message; } finally { done(); }
    if (derive && this.isConnected) this.#apply();
  }

  get #metrics() { return this.#model.metrics ?? [this.#model.metric]; }

  async #load(questions) {
    this.#abort?.abort();
    clearTimeout(this.#retry);
    clearTimeout(this.#slow);                                   // of the question that this one replaces
    const abort = this.#abort = new AbortController();
    if (questions[0].runs.length === 0) { this.#data.clear(); this.#missing = []; this.#error = null; this.#chart.loading = false; this.#show(); this.#painted(); return; }
    const done = busy();
    this.#slow = setTimeout(() => { this.#chart.loading = true; }, LOADING_AFTER_MS);
    try {
      const answers = await Promise.all(questions.map((question) => loadSeries(question, abort.signal)));
      if (abort.signal.aborted) return;
      this.#data = new Map(answers.flatMap((answer) => answer.series.map((series) => [seriesKey(series), series])));
      const first = !this.#everLoaded;
      [this.#missing, this.#error, this.#everLoaded] = [answers.flatMap((answer) => answer.missing), null, true];
      this.#show();
      if (first) this.#painted();
    } catch (error) {
      if (abort.signal.aborted || error.name === "AbortError") return;
      this.#error = error;
      this.#show();
      this.#painted();
      this.#retry = setTimeout(() => this.#load(questions), 30_000);
    } finally {
      done();
      if (this.#abort === abort) { clearTimeout(this.#slow); if (this.#chart) this.#chart.loading = false; }
    }
  }

  #show() {
    const {metric, runs, view, formula} = this.#model, members = showsMembers(view);
    const order = new Map(runs.map((id, index) => [id, index]));
    const drawn = this.#drawn().filter((series) => series.run === null || order.has(series.run));
    // Members stand behind their groups: they come first. Others are in the order of the list.
    const rank = (series) => order.get(series.run) ?? (members ? runs.length : 0);
    const look = this.#looks(drawn, members);
    this.#chart.series = drawn.sort((a, b) => rank(a) - rank(b)).map(look);
    const lacking = {runs, metrics: formula ? [metric] : this.#metrics, missing: this.#lacking(), x: this.#derived?.name ?? axisOf(metric, view)};
    const empty = this.#everLoaded || runs.length === 0 ? emptyMessage({...lacking, series: [...this.#data.values()]}) : null;
    const note = this.#everLoaded && !this.#error && runs.length ? missingNote(lacking) : null;
    this.#chart.note = note && empty ? note.useStep && {...note, text: ""} : note;      // an empty chart says it in its middle
    this.#chart.message = this.#error ? `${this.#error.message} ${this.#error.status ? `(HTTP ${this.#error.status}${this.#error.requestId ? `, ${this.#error.requestId}` : ""})` : ""}`
      : empty;
  }

  /** What the server lacks, and the runs that have no place on a derived axis. */
  #lacking() {
    if (!this.#derived) return this.#missing;
    const {factors} = this.#derived, {runs, view} = this.#model, isTorn = view.grouped && view.groupBy.length > 0 && new Set(factors.values()).size > 1;
    return [...this.#missing, ...runs.filter((run) => isTorn || !factors.has(run)).flatMap((run) => this.#metrics.map((metric) => ({run, metric, reason: "no_x"})))];
  }

  /** Gives each series its name and its colour: a run's own, or that of its group. */
  #looks(drawn, members) {
    const {view, store, colors} = this.#model, metrics = this.#metrics, theme = themeNow(), several = metrics.length > 1 && !this.#model.formula;
    const groups = drawn.filter((series) => series.run === null), placeOf = members ? derive.groupPlaces(groups.map(({group}) => group), view.groupBy) : () => -1;
    return (data) => {
      const run = store.runs.get(data.run), place = data.run === null ? groups.indexOf(data) : placeOf(run ?? {});
      const number = place >= 0 ? place : run?.color ?? 0;
      const look = (run && place < 0 && colors?.of(run)) || {color: runColor(number, theme), dash: runDash(number)};
      const title = data.run === null ? groupName(data.group) : run?.name ?? data.run;
      return {run: data.run ?? title, metric: data.metric, name: several ? `${title} · ${data.metric}` : title, color: look.color, dash: several ? metrics.indexOf(data.metric) % 4 : look.dash,
        member: members && data.run !== null, repeated: run?.repeated ?? 0, data};
    };
  }

  /** The answers, or what is made of them. */
  #drawn() {
    const {metric, view, formula} = this.#model, baseline = baselineOf(view);
    let series = [...this.#data.values()];
    if (formula || baseline || view.align || this.#derived) this.#derivations ??= new derive.Derivations();
    if (this.#derived) series = derive.scaledSeries(series, this.#derived, this.#derivations);
    if (formula) series = derive.formulaSeries(series, formula, metric, this.#derivations);
    if (baseline) series = derive.baselineSeries(series, baseline, view.against, this.#derivations);
    return view.align ? derive.alignedSeries(series, view.align, this.#derivations) : series;
  }

  /** Tells when the data is on the screen: charts that are new take turns, others draw in the next frame. */
  #painted() {
    const settled = busy(), {signal} = this.#listeners;
    const done = () => { signal.removeEventListener("abort", done); settled(); };
    const tell = () => requestAnimationFrame(() => { done(); this.#onScreen(); });
    signal.addEventListener("abort", done);
    if (this.#chart.isPainted) requestAnimationFrame(tell); else this.#chart.addEventListener("painted", tell, {once: true});
  }

  #onScreen() {
    if (firstChart) { firstChart = false; performance.mark("app:first-chart"); }
    this.#emit("chart-painted", {metric: this.#model?.metric});
  }

  // Live

  #rows({run, metrics}) {
    const {metric, runs} = this.#model;
    if (run === null) { this.#stale.clear(); this.#reload(); return; }
    const x = axisOf(metric, this.#model.view).replace(/^metric:/, "");
    if (!runs.includes(run) || !(this.#metrics.some((name) => metrics.includes(name)) || metrics.includes(x))) return;
    this.#stale.add(run);
    const [question = {}] = JSON.parse(this.#asked || "[]");
    this.#updateIn(question.smoothing || question.group || question.from !== undefined ? SLOW_LIVE_MS : LIVE_MS);
  }

  #reload() { if (this.#asked) this.#load(JSON.parse(this.#asked)); }

  #updateIn(ms) {
    if (this.isConnected) this.#timer ||= setTimeout(() => { this.#timer = 0; this.#update(); }, ms);
  }

  /** Draws what is new; one at a time, since each answer continues the one before. */
  async #update() {
    if (document.hidden) { this.#updateIn(SLOW_LIVE_MS); return; }
    if (this.#updating) { this.#updateIn(LIVE_MS); return; }
    this.#updating = true;
    try { await this.#change(); } finally { this.#updating = false; }
  }

  async #change() {
    const questions = JSON.parse(this.#asked || "[]"), [question] = questions;
    if (!question) return;
    const stale = [...this.#stale];
    this.#stale.clear();
    const held = (name, id) => this.#data.get(`${id}\n${name}`);
    // A zoomed chart stays: only points that fall into its range count, and those come with the exact range.
    if (question.from !== undefined) {
      const open = questions.some(({metric: name}) => stale.some((id) => !held(name, id) || held(name, id).domain[1] <= question.to));
      if (open) this.#reload();
      return;
    }
    if (question.smoothing || question.group) { this.#reload(); return; }
    if (questions.length > 1 || stale.some((id) => !held(question.metric, id)?.cursor)) { this.#reload(); return; }
    try {
      const since = stale.map((id) => held(question.metric, id).cursor), {signal} = this.#abort;
      const answer = await loadSeries({...question, runs: stale, since}, signal);
      // A whole answer that came meanwhile knows more than these changes to the one before.
      if (signal.aborted || !this.isConnected) return;
      for (const delta of answer.series) {
        const key = seriesKey(delta);
        this.#data.set(key, mergeSeries(this.#data.get(key), delta));
        this.#noticeNaN(delta);
      }
      if (answer.series.some((delta) => needsResync(this.#data.get(seriesKey(delta)), question.buckets))) this.#reload();
      this.#show();
    } catch (error) {
      if (error.name === "AbortError") return;
      for (const id of stale) this.#stale.add(id);
      this.#updateIn(SLOW_LIVE_MS);
    }
  }

  /** A run that goes wrong is marked in the list at once: its summary is read again when the first NaN comes. */
  #noticeNaN({run, nan}) {
    const {store} = this.#model, held = store.runs.get(run);
    if (nan > 0 && held && !Object.values(held.summary ?? {}).some((metric) => metric.nan > 0)) store.loadRun(run).catch(() => {});
  }

  // What the person does

  #rangeChanged({range, yRange}) {
    this.#settings({range: range ?? undefined, yRange: yRange ?? undefined}, "zoom");
  }

  #settings(settings, key = null) { this.#emit("chart-settings", {metric: this.#model.metric, settings, key: key && `${key}:${this.#model.metric}`}); }

  /** Changes settings of this chart as the menu and the keyboard do. */
  change(settings) { this.#settings(settings); }

  #emit(type, detail) { this.dispatchEvent(new CustomEvent(type, {detail, bubbles: true})); }
}
// These take more than what the server answers.
const needsDerive = ({metric, formula, view}) => formula || view.align || baselineOf(view) || showsMembers(view) || axisOf(metric, view).startsWith("of:");
const seriesKey = (series) => (series.run === null ? `group:${JSON.stringify(series.group)}` : `${series.run}\n${series.metric}`);

customElements.define("chart-panel", ChartPanel);
