/**
 * Decides what a line chart shows: traces, ranges, ticks, and what to say about values that have no place. No DOM.
 * @module
 * @typedef {import("./trace.js").Trace} Trace
 */
import {xExtent, yExtent, withoutOutliers} from "./extent.js";
import {formatClockTicks, formatDurationTicks, formatTickAlone, formatTicks} from "./format.js";
import {makeScale, niceRange, linear} from "./scales.js";
import {linearTicks, logTicks, symlogTicks, timeTicks} from "./ticks.js";
import {countNotPositive, makeTrace} from "./trace.js";

/** Room left and right of the data, so that edge points and markers are whole. CSS pixels. */
const MARGIN = 5;

export class ChartModel {
  /** @type {Trace[]} */ traces = [];
  options = {};
  /** The x-range in view as values, or null for all. @type {[number, number]|null} */ range = null;
  /** The y-range a person chose, or null for automatic. @type {[number, number]|null} */ yRange = null;
  /** Points a log axis cannot show; `exact` is false when buckets hide how many. */ dropped = {count: 0, exact: true};
  /** @type {{range: [number, number], outside: number}|null} */ outliers = null;
  xScale = linear;
  yScale = linear;
  x = [0, 1];
  y = [0, 1];
  #known = new Map();

  /** Takes the series and options; traces of data that did not change are kept. */
  update(series, options) {
    this.options = options;
    const key = JSON.stringify([options.aggregate, options.smoothing]), known = new Map();
    this.traces = series.map((source) => {
      const kept = this.#known.get(source.data);
      const trace = kept?.key === key && kept.trace.source.member === source.member ? Object.assign(kept.trace, {source}) : makeTrace(source, options);
      known.set(source.data, {key, trace});
      return trace;
    });
    this.#known = known;
  }

  /** Takes the ranges the page wants; what it wanted before is not taken twice, so that it cannot undo a zoom under way. */
  takeRanges(options, before) {
    for (const name of ["range", "yRange"]) {
      if (JSON.stringify(before[name] ?? null) !== JSON.stringify(options[name] ?? null)) this[name] = options[name] ? [...options[name]] : null;
    }
  }

  /** Settles scales and ranges. @param {number} width CSS pixels of the plot */
  layout(width) {
    const {traces, options} = this;
    const positiveX = options.xScale === "log", positiveY = options.yScale === "log";
    const full = xExtent(traces, positiveX) ?? (positiveX ? [1, 10] : [0, 1]);
    this.full = full;
    const range = this.range ?? full;
    this.xScale = keep(this.xScale, options.xScale, full);
    this.x = this.range ? [...range] : this.#withMargin(range, width);
    const [low, high] = this.x;
    const extent = withReferences(yExtent(traces, low, high, positiveY), options.references, positiveY);
    this.yScale = keep(this.yScale, options.yScale, extent ?? [0, 1]);
    this.outliers = options.outliers && extent ? withoutOutliers(traces, low, high, positiveY) : null;
    const shown = this.outliers?.range ?? extent ?? (positiveY ? [1, 10] : [0, 1]);
    this.y = this.yRange ?? options.yRange ?? (extent || this.outliers ? niceRange(shown[0], shown[1], this.yScale) : shown);
    this.dropped = positiveY ? countNotPositive(traces) : {count: 0, exact: true};
  }

  #withMargin([low, high], width) {
    const scale = this.xScale;
    const [a, b] = [scale.forward(low), scale.forward(high)];
    if (!(b > a)) return scale.kind === "log" ? [low / 2, high * 2] : [low - 1, high + 1];
    const pad = ((b - a) * MARGIN) / Math.max(50, width - 2 * MARGIN);
    return [scale.inverse(a - pad), scale.inverse(b + pad)];
  }

  /** The view to paint. @param {number} width @param {number} height device pixels @returns {import("./paint-envelope.js").View} */
  view(width, height, ratio) {
    const {xScale, yScale, x, y} = this;
    return {x0: xScale.forward(x[0]), x1: xScale.forward(x[1]), y0: yScale.forward(y[0]), y1: yScale.forward(y[1]),
      low: x[0], high: x[1], width, height, ratio};
  }

  /** @returns {import("./frame.js").Ticks} */
  xTicks(count) {
    const [low, high] = this.x, kind = this.options.x ?? "step";
    if (this.xScale.kind === "log") return this.#ticks(logTicks(low, high, count), this.xScale, (ticks) => ticks.map(formatTickAlone));
    if (kind === "relative" || kind === "running") return this.#ticks(timeTicks(low, high, count), this.xScale, formatDurationTicks);
    if (kind !== "wall") return this.#ticks(linearTicks(low, high, count, kind === "step"), this.xScale, formatTicks);
    const utc = this.options.utc ?? false;
    const offset = utc ? 0 : -new Date(low * 1000).getTimezoneOffset() * 60;
    return this.#ticks(timeTicks(low, high, count, offset), this.xScale, (ticks) => formatClockTicks(ticks, {utc}));
  }

  /** @returns {import("./frame.js").Ticks} */
  yTicks(count) {
    const [low, high] = this.y, scale = this.yScale;
    if (scale.kind === "log") return this.#ticks(logTicks(low, high, count), scale, (ticks) => ticks.map(formatTickAlone));
    if (scale.kind === "linear") return this.#ticks(linearTicks(low, high, count), scale, formatTicks);
    return this.#ticks(symlogTicks(low, high, count, scale.inverse(Math.log10(2))), scale, (ticks) => ticks.map(formatTickAlone));
  }

  /** What is read off and told: all but the runs behind their groups. */
  get told() { return this.traces.filter(({source}) => !source.member); }

  #ticks(values, scale, label) { return {places: values.map(scale.forward), labels: label(values)}; }

  /** Sums of values that have no place, over all traces. */
  get unplaced() {
    const sum = (name) => this.told.reduce((total, {data}) => total + (data[name] ?? 0), 0);
    return {nan: sum("nan"), positiveInfinity: sum("positiveInfinity"), negativeInfinity: sum("negativeInfinity")};
  }

  /** Points that came after those of greater steps, and runs in which values of some metric were logged again. */
  get disturbed() {
    const repeated = new Map(this.told.filter(({source}) => source.repeated > 0).map(({source}) => [source.run, {name: source.name, count: source.repeated}]));
    return {late: this.told.reduce((total, {data}) => total + (data.late ?? 0), 0), repeated: [...repeated.values()]};
  }
}

/** Reference lines are meant to be seen: the range holds them. */
function withReferences(extent, references = [], positive = false) {
  if (!extent) return extent;
  const values = references.flatMap(({y, to = y}) => [y, to]).filter((y) => Number.isFinite(y) && (!positive || y > 0));
  return values.length ? [Math.min(extent[0], ...values), Math.max(extent[1], ...values)] : extent;
}

/** The same scale object as long as it would be the same, so that kept places stay valid. */
function keep(held, kind = "linear", [low, high]) {
  const made = makeScale(kind, low, high);
  return made.kind === held.kind && made.inverse(1) === held.inverse(1) ? held : made;
}
