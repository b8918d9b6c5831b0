/**
 * A trace is a series made ready to draw: one line, its band, where it breaks, and what could not be placed.
 * @module
 * @typedef {import("./series-format.js").SeriesColumns} SeriesColumns
 * @typedef {import("./scales.js").Scale} Scale
 *
 * @typedef {object} Trace
 * @property {SeriesColumns} data  @property {object} source the entry of the element's `series`
 * @property {Float64Array} x middle of each bucket  @property {Float64Array} y the line
 * @property {Float64Array|null} faint the unsmoothed line, when `y` is smoothed
 * @property {Float64Array} low  @property {Float64Array} high the band
 * @property {Uint8Array} gap 1 where the line breaks after a bucket
 * @property {boolean} banded false when band and line are the same, or the run stands behind its group
 */
import {smooth} from "./smoothing.js";

/**
 * @param {{data: SeriesColumns, member?: boolean}} source `member` runs are drawn faint behind the line of their group  @param {{aggregate?: string, smoothing?: object}} options
 * @returns {Trace}
 */
export function makeTrace(source, {aggregate, smoothing}) {
  const {data} = source;
  const n = data.bucketCount;
  const plain = aggregate === "last" && !data.group ? data.last : data.mean;
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) x[i] = aggregate === "last" ? data.x1[i] : (data.x0[i] + data.x1[i]) / 2;
  const line = withoutEmpty(plain, data);
  const smoothing_ = smoothing?.amount > 0;
  const y = smoothing_ ? withoutEmpty(data.smoothed ?? smooth(x, line, smoothing, extentOf(data)), data) : line;
  const [low, high] = data.group && data.low ? [data.low, data.high] : [data.min, data.max];
  const banded = !source.member && !sameEverywhere(low, high);
  return {data, source, x, y, faint: smoothing_ && !source.member ? line : null, low, high, gap: gapsOf(data), banded, places: new Map()};
}

const extentOf = ({firstX, lastX}) => (lastX > firstX ? lastX - firstX : undefined);

/** A bucket without finite points has no mean: NaN, whatever the column says. */
function withoutEmpty(column, data) {
  let out = column;
  for (let i = 0; i < data.bucketCount; i++) {
    if (finiteCount(data, i) > 0 || Number.isNaN(out[i])) continue;
    if (out === column) out = Float64Array.from(column);
    out[i] = NaN;
  }
  return out;
}

/** Points of bucket `i` that are neither NaN nor infinite. */
export const finiteCount = (data, i) =>
  data.count[i] - data.nanCount[i] - data.positiveInfinityCount[i] - data.negativeInfinityCount[i];

/** The line breaks at each bucket with a value that has no place, before and after it. */
function gapsOf(data) {
  const gap = new Uint8Array(data.bucketCount);
  for (let i = 0; i < data.bucketCount; i++) {
    if (!(data.nanCount[i] || data.positiveInfinityCount[i] || data.negativeInfinityCount[i])) continue;
    gap[i] = 1;
    if (i > 0 && finiteCount(data, i) <= 0) gap[i - 1] = 1;
  }
  return gap;
}

function sameEverywhere(a, b) {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i]))) return false;
  return true;
}

/**
 * The trace in places of two scales, kept until other scales are asked for. Linear scales cost nothing.
 * @param {Trace} trace  @param {Scale} xScale  @param {Scale} yScale
 */
export function placesOf(trace, xScale, yScale) {
  const kept = trace.kept;
  if (kept && kept.xScale === xScale && kept.yScale === yScale) return kept;
  const {data} = trace;
  const across = (column) => carry(column, xScale), up = (column) => carry(column, yScale);
  const places = {
    xScale, yScale, x: across(trace.x), x0: across(data.x0), x1: across(data.x1),
    y: up(trace.y), faint: trace.faint && up(trace.faint), high: up(trace.high), low: lowPlaces(trace, yScale),
  };
  trace.kept = places;
  return places;
}

function carry(column, scale) {
  return scale.kind === "linear" || !column ? column : Float64Array.from(column, scale.forward);
}

/** On a log axis a band that reaches 0 or less ends at the least value above 0 that is known. */
function lowPlaces({low, high, data}, scale) {
  if (scale.kind !== "log") return carry(low, scale);
  const least = (i) => Math.min(...[data.mean[i], data.first[i], data.last[i], high[i]].filter((v) => v > 0));
  return Float64Array.from(low, (v, i) => (v > 0 ? Math.log10(v) : high[i] > 0 ? Math.log10(least(i)) : NaN));
}

/**
 * Points that a log axis cannot show. Exact for raw series; a bucket that crosses zero counts once, which `exact` tells.
 * @param {Trace[]} traces  @returns {{count: number, exact: boolean}}
 */
export function countNotPositive(traces) {
  let count = 0, exact = true;
  for (const {data} of traces) {
    for (let i = 0; i < data.bucketCount; i++) {
      if (!(data.min[i] <= 0) || finiteCount(data, i) <= 0) continue;
      if (data.max[i] <= 0) count += finiteCount(data, i);
      else { count += 1; exact = exact && finiteCount(data, i) <= 2; }
    }
  }
  return {count, exact};
}
