/**
 * A focused chart by keyboard: ←/→ crosshair by bucket, ↑/↓ run, +/− zoom, Home/End, Enter pins, Esc, Ctrl C.
 * @module
 */
import * as strings from "../strings.js";
import {bucketAt} from "./hit-test.js";
import {formatValue} from "./format.js";
import {axisName, formatX} from "./reading.js";

export class ChartKeys {
  #host; #reader; #ranges; #x = null; #run = null; #source = null;
  /** Gives up a drag; set when there is a plot. @type {() => boolean} */ cancelDrag = () => false;

  /** @param {object} host  @param {import("./reader.js").ChartReader} reader  @param {import("./ranges.js").ChartRanges} ranges */
  constructor(host, reader, ranges) {
    this.#host = host;
    this.#reader = reader;
    this.#ranges = ranges;
  }

  get #model() { return this.#host.model; }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.composedPath()[0] !== this.#host.view.figure) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "c") { this.#copy(event); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || !this.#act(event.key, event.shiftKey ? 10 : 1)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The pointer has taken over. */
  release() { this.#x = null; }

  /** The focus has left. */
  leave() {
    if (this.#x === null) return;
    this.#x = null;
    if (!this.#reader.pinned) this.#reader.end();
  }

  #act(key, times) {
    if (!this.#model.traces.length) return false;
    switch (key) {
      case "ArrowLeft": return this.#step(-times);
      case "ArrowRight": return this.#step(times);
      case "ArrowUp": return this.#turn(1);
      case "ArrowDown": return this.#turn(-1);
      case "Home": return this.#end(0);
      case "End": return this.#end(Infinity);
      case "+": case "=": return this.#zoom(1 / 1.5);
      case "-": case "_": return this.#zoom(1.5);
      case "Enter": this.#reader.pin(); return this.#reader.pinned !== null;
      case "Escape": return this.#escape();
      default: return false;
    }
  }

  /** One thing at a time: a drag, what is read off, the zoom. */
  #escape() {
    if (this.cancelDrag()) return true;
    if (this.#x === null && !this.#reader.pinned) return this.#ranges.reset();
    this.#x = null;
    this.#reader.end();
    return true;
  }

  get #trace() {
    const traces = this.#model.told;
    return traces.find(({source}) => (source.run ?? source.name) === this.#run && source === this.#source) ??
      traces.find(({source}) => (source.run ?? source.name) === this.#run) ?? traces.find(({data}) => data.bucketCount > 0) ?? traces[0];
  }

  #step(by) {
    const trace = this.#trace, n = trace.data.bucketCount;
    const [low, high] = this.#model.x;
    const at = this.#x === null ? bucketAt(trace, (low + high) / 2) : bucketAt(trace, this.#x) + by;
    return this.#read(trace, Math.max(0, Math.min(n - 1, at)));
  }

  #end(to) { return this.#read(this.#trace, Math.min(to, this.#trace.data.bucketCount - 1)); }

  /** The next run above or below, by value at the crosshair. */
  #turn(direction) {
    if (this.#x === null) return this.#step(0);
    const rows = this.#model.told.map((trace) => ({trace, i: bucketAt(trace, this.#x)})).filter(({i}) => i >= 0)
      .sort((a, b) => (a.trace.y[a.i] || 0) - (b.trace.y[b.i] || 0));
    const now = rows.findIndex(({trace}) => trace === this.#trace);
    const next = rows[Math.max(0, Math.min(rows.length - 1, now + direction))];
    return next ? this.#read(next.trace, next.i) : false;
  }

  #read(trace, index) {
    if (index < 0) return false;
    this.#source = trace.source;
    this.#run = trace.source.run ?? trace.source.name;
    this.#x = trace.x[index];
    this.#keepInView();
    this.#host.flush();
    const row = this.#reader.readAt(this.#x, this.#run);
    if (row) this.#speak(this.#words(row));
    return true;
  }

  #keepInView() {
    const [low, high] = this.#model.x;
    if (this.#x >= low && this.#x <= high) return;
    const half = (high - low) / 2;
    this.#ranges.move([this.#x - half, this.#x + half]);
  }

  #words(row) {
    const {options} = this.#model;
    const band = row.low === null ? "" : strings.chart.spokenBand({low: formatValue(row.low), high: formatValue(row.high)});
    const smoothed = row.smoothed === null ? "" : strings.chart.spokenSmoothed({value: formatValue(row.smoothed)});
    const bad = row.words.length ? `, ${row.words.join(", ")}` : "";
    return strings.chart.spoken({name: row.name, value: formatValue(row.value), smoothed, band, bad, axis: axisName(options.x), place: row.x0 === row.x1 ? formatX(options.x, row.x0, options) : strings.chart.fromTo({from: formatX(options.x, row.x0, options), to: formatX(options.x, row.x1, options)})});
  }

  #zoom(factor) {
    const {xScale, x} = this.#model;
    const [a, b] = x.map(xScale.forward);
    const at = this.#x === null ? 0.5 : Math.max(0, Math.min(1, (xScale.forward(this.#x) - a) / (b - a)));
    this.#ranges.zoomBy(factor, at);
    return true;
  }

  #copy(event) {
    if (!this.#reader.hits.length || String(getSelection() ?? "")) return;
    event.preventDefault();
    navigator.clipboard?.writeText(this.#reader.tsv()).then(() => this.#speak(strings.chart.copied), () => this.#speak(strings.chart.copyRefused));
  }

  #speak(text) { this.#host.view.spoken.textContent = text; }
}
