/**
 * What of the data is in view, and the range that shows it.
 * @module
 * @typedef {import("./trace.js").Trace} Trace
 */
import {firstIndexAtOrAfter} from "./series-merge.js";

/** Indices `[from, to)` of the buckets that touch `low…high`. O(log n) */
export function visibleIndices({data}, low, high) {
  const from = firstIndexAtOrAfter(data.x1, low);
  let to = firstIndexAtOrAfter(data.x0, high, from);
  while (to < data.bucketCount && data.x0[to] === high) to++;
  return [from, to];
}

/** x of the first and last point of the whole series, though only a part may be here. @returns {[number, number]} NaN when there is none */
export function wholeX(data) {
  const n = data.bucketCount;
  const [first, last] = [Number.isFinite(data.firstX) ? data.firstX : Infinity, Number.isFinite(data.lastX) ? data.lastX : -Infinity];
  const low = Math.min(first, n ? data.x0[0] : Infinity), high = Math.max(last, n ? data.x1[n - 1] : -Infinity);
  return low <= high ? [low, high] : [NaN, NaN];
}

/** x of the first and last point over all traces. @returns {[number, number]|null} */
export function xExtent(traces, positive = false) {
  let low = Infinity, high = -Infinity;
  for (const {data} of traces) {
    const [first, last] = wholeX(data);
    if (Number.isNaN(first)) continue;
    const start = positive && first <= 0 ? data.x1[firstIndexAtOrAfter(data.x0, Number.MIN_VALUE)] ?? NaN : first;
    if (start < low) low = start;
    if (last > high) high = last;
  }
  return low <= high ? [low, high] : null;
}

/**
 * Least and greatest value of lines and bands in view; where nothing is in view, of the neighbours on both sides.
 * @param {Trace[]} traces  @param {number} low  @param {number} high  @param {boolean} positive only values > 0, for log axes
 * @returns {[number, number]|null}
 */
export function yExtent(traces, low, high, positive = false) {
  const range = [Infinity, -Infinity];
  for (const trace of traces) {
    let [from, to] = visibleIndices(trace, low, high);
    if (from === 0 && to === trace.data.bucketCount && to > 0) { join(range, wholeExtent(trace, positive)); continue; }
    if (from >= to) [from, to] = [Math.max(0, from - 1), Math.min(trace.data.bucketCount, to + 1)];
    widen(range, trace.low, from, to, positive);
    widen(range, trace.high, from, to, positive);
    widen(range, trace.y, from, to, positive);
  }
  return range[0] <= range[1] ? range : null;
}

/** The extent over all of a trace, kept with it. */
function wholeExtent(trace, positive) {
  const name = positive ? "positiveExtent" : "extent", n = trace.data.bucketCount;
  if (!trace[name]) {
    trace[name] = [Infinity, -Infinity];
    for (const column of [trace.low, trace.high, trace.y]) widen(trace[name], column, 0, n, positive);
  }
  return trace[name];
}

function join(range, [low, high]) {
  if (low < range[0]) range[0] = low;
  if (high > range[1]) range[1] = high;
}

function widen(range, column, from, to, positive) {
  let [low, high] = range;
  for (let i = from; i < to; i++) {
    const v = column[i];
    if (positive ? !(v > 0) : v === -Infinity) continue;
    if (v < low) low = v;
    if (v > high && v !== Infinity) high = v;
  }
  range[0] = low;
  range[1] = high;
}

/**
 * The 1st–99th percentile of the visible band, and how many buckets reach outside.
 * @returns {{range: [number, number], outside: number}|null} null when nothing is outside
 */
export function withoutOutliers(traces, low, high, positive = false) {
  const values = [];
  const each = (visit) => {
    for (const trace of traces) {
      const [from, to] = visibleIndices(trace, low, high);
      for (let i = from; i < to; i++) visit(trace.low[i], trace.high[i]);
    }
  };
  each((a, b) => {
    if (Number.isFinite(a) && (!positive || a > 0)) values.push(a);
    if (Number.isFinite(b) && (!positive || b > 0)) values.push(b);
  });
  if (values.length < 10) return null;
  const sorted = Float64Array.from(values);
  const last = sorted.length - 1;
  const range = [select(sorted, Math.floor(last * 0.01)), select(sorted, Math.ceil(last * 0.99))];
  let outside = 0;
  each((a, b) => { if (a < range[0] || b > range[1]) outside += 1; });
  return outside > 0 ? {range, outside} : null;
}

/** The k-th smallest, by Hoare's *Find* (1961); reorders `values`. O(n) expected */
export function select(values, k) {
  let [left, right] = [0, values.length - 1];
  while (left < right) {
    const pivot = values[(left + right) >> 1];
    let [i, j] = [left, right];
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) { [values[i], values[j]] = [values[j], values[i]]; i++; j--; }
    }
    if (k <= j) right = j; else if (k >= i) left = i; else break;
  }
  return values[k];
}
