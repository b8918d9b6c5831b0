/**
 * What bar, scatter and parallel charts share: ECharts, loaded when the first of them comes into view, in our figure.
 * @module
 */
import * as strings from "../strings.js";
import {ChartView} from "./chart-view.js";
import {figureStyles, seriesStyles, sheet} from "./styles.js";
import {sync} from "./sync.js";
import {readTheme} from "./theme.js";
import {watchTheme} from "./watch-theme.js";

let loading = null;

/** @returns {Promise<typeof import("../vendor/echarts.js")>} */
export function loadECharts() {
  loading ??= import("../vendor/echarts.js").catch((error) => {
    loading = null;
    throw new Error(strings.chart.libraryMissing, {cause: error});
  });
  return loading;
}

const styles = sheet(`.plot > div { outline: none; } .plot { overflow: visible; }`);
export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";

/**
 * An element around one ECharts instance. Subclasses answer `option()` from their properties, and `items` that can be walked by keys.
 * @property options `{title, unit, …}`  @property loading  @property message
 * @fires hover-run {run}  @fires select-run {run}  @fires painted once
 */
export class EChart extends HTMLElement {
  options_ = {}; theme = null; chart = null; view; items = [];
  #listeners = null; #waiting = 0; #size; #seen; #focus = -1; #painted = false; #library = null;

  constructor() {
    super();
    const root = this.attachShadow({mode: "open"});
    this.view = new ChartView(root);
    this.view.xname.remove();
    root.adoptedStyleSheets = [figureStyles, seriesStyles, styles];
  }

  set options(options) { this.options_ = {...options}; this.invalidate(); }
  get options() { return this.options_; }
  set loading(loading) { this.view.bar.hidden = !loading; this.view.figure.setAttribute("aria-busy", String(Boolean(loading))); }
  set message(message) { this.view.showMessage(message); }

  /** The ECharts option of what is to be shown. */
  option() { return {}; }
  /** Name, words and rows for those who do not see the chart. @returns {{name: string, text: string, head: string[], rows: string[][]}} */
  words() { return {name: this.options_.title ?? "chart", text: "", head: [], rows: []}; }
  /** After the instance was made: further events of it. */
  attached() {}

  connectedCallback() {
    this.#listeners = new AbortController();
    const {signal} = this.#listeners;
    sync.addEventListener("highlight", () => this.#mark(), {signal});
    this.view.figure.addEventListener("keydown", (event) => this.#key(event), {signal});
    watchTheme(() => this.refreshTheme(), signal);
    this.#size = new ResizeObserver(() => { if (this.chart) { this.chart.resize(); this.invalidate(); } });
    this.#size.observe(this.view.plot);
    this.#seen = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) this.#start(); }, {rootMargin: "200px"});
    this.#seen.observe(this);
  }

  disconnectedCallback() {
    this.#listeners.abort();
    for (const observer of [this.#size, this.#seen]) observer.disconnect();
    cancelAnimationFrame(this.#waiting);
    this.#waiting = 0;
    this.chart?.dispose();
    this.chart = null;
  }

  async #start() {
    this.#seen.disconnect();
    this.#library = await loadECharts().catch((error) => { this.message = error.message; });
    if (!this.#library || !this.isConnected || this.chart) return;
    this.theme = readTheme(this);
    this.chart = this.#library.init(this.view.plot, null, {renderer: "canvas", useDirtyRect: false});
    this.chart.on("mouseover", ({dataIndex, componentType}) => { if (componentType === "series") this.#over(this.items[dataIndex]); });
    this.chart.on("globalout", () => this.#over(null));
    this.chart.on("mouseout", () => this.#over(null));
    this.chart.on("click", ({dataIndex, componentType}) => { if (componentType === "series" && this.items[dataIndex]) this.fire("select-run", {run: this.items[dataIndex].run}); });
    this.attached();
    this.invalidate();
  }

  invalidate() {
    if (this.#waiting || !this.chart) return;
    this.#waiting = requestAnimationFrame(() => { this.#waiting = 0; this.#draw(); });
  }

  refreshTheme() {
    if (!this.chart) return;
    this.theme = readTheme(this);
    this.invalidate();
  }

  #draw() {
    if (this.view.plot.clientWidth < 40) return;
    const {muted} = this.theme;
    this.chart.setOption({animation: false, backgroundColor: "transparent", textStyle: {fontFamily: FONT, color: muted, fontSize: 11}, aria: {enabled: true},
      tooltip: this.tooltip(), ...this.option()}, {notMerge: true});
    this.drawn();
    this.view.showHead({title: this.options_.title ?? "", unit: this.options_.unit ?? "", xname: ""}, this.chips());
    this.#describe();
    this.#mark();
    if (!this.#painted) { this.#painted = true; this.fire("painted", {}); }
  }

  /** After each drawing. */
  drawn() {}
  chips() { return []; }

  /** Drawn in the canvas: markup with styles would break the page's policy. */
  tooltip() {
    const {bg, text, border} = this.theme;
    return {renderMode: "richText", confine: true, backgroundColor: bg, borderColor: border, borderWidth: 1, padding: [6, 8], textStyle: {color: text, fontSize: 12, fontFamily: FONT},
      formatter: ({dataIndex, componentType}) => (componentType === "series" && this.items[dataIndex] ? this.tip(this.items[dataIndex]) : "")};
  }
  /** The words of one item's tooltip. */
  tip(item) { return item.name; }

  /** An axis in the theme's colours. */
  axis(extra) {
    const {muted, grid} = this.theme;
    return {axisLine: {lineStyle: {color: grid}}, axisTick: {show: false}, axisLabel: {color: muted, fontSize: 11, hideOverlap: true}, splitLine: {lineStyle: {color: grid}},
      nameTextStyle: {color: muted, fontSize: 11}, ...extra};
  }

  #over(item) {
    sync.highlight(item?.run ?? null, this);
    this.fire("hover-run", {run: item?.run ?? null});
  }

  #mark() {
    if (!this.chart || !this.items.length) return;
    const index = sync.run === null ? -1 : this.items.findIndex(({run}) => run === sync.run);
    this.chart.dispatchAction({type: "downplay", seriesIndex: 0});
    if (index >= 0) this.chart.dispatchAction({type: "highlight", seriesIndex: 0, dataIndex: index});
  }

  #key(event) {
    const last = this.items.length - 1;
    const to = {ArrowLeft: this.#focus - 1, ArrowUp: this.#focus - 1, ArrowRight: this.#focus + 1, ArrowDown: this.#focus + 1, Home: 0, End: last}[event.key];
    // What stands in the head has keys of its own.
    if (event.composedPath()[0] !== this.view.figure || event.ctrlKey || event.metaKey || event.altKey || last < 0) return;
    if (event.key === "Enter" && this.items[this.#focus]) { this.fire("select-run", {run: this.items[this.#focus].run}); return; }
    if (event.key === "Escape") { this.#focus = -1; this.#over(null); return; }
    if (to === undefined) return;
    event.preventDefault();
    this.#focus = Math.max(0, Math.min(last, to));
    this.#over(this.items[this.#focus]);
    this.view.spoken.textContent = this.tip(this.items[this.#focus]).replaceAll("\n", ", ");
  }

  #describe() {
    const {name, text, head, rows} = this.words();
    this.view.figure.setAttribute("aria-label", name);
    this.view.summary.textContent = text;
    const table = document.createElement("table");
    table.createCaption().textContent = name;
    const add = (cells, tag) => { const line = table.insertRow(); for (const cell of cells) line.append(Object.assign(document.createElement(tag), {textContent: cell})); };
    add(head, "th");
    for (const row of rows.slice(0, 20)) add(row, "td");
    if (rows.length > 20) add([strings.chart.moreRows({count: rows.length - 20})], "td");
    this.view.data.replaceChildren(table);
  }

  /** A PNG of what is shown. @returns {Promise<Blob>} */
  async toPNG(scale = 1) {
    const url = this.chart.getDataURL({type: "png", pixelRatio: scale, backgroundColor: this.theme.bg});
    const bytes = Uint8Array.from(atob(url.split(",")[1]), (c) => c.charCodeAt(0));
    return new Blob([bytes], {type: "image/png"});
  }

  /** What the chart shows, for tests. */
  debugState() { return {ready: this.#painted, items: this.items.length, highlighted: sync.run}; }
  fire(name, detail) { this.dispatchEvent(new CustomEvent(name, {detail, bubbles: true, composed: true})); }
}
