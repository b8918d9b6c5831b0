/**
 * Histograms over steps, ready to draw: sorted slices, densities, quantiles, and what lies under a pointer. No DOM.
 * @module
 *
 * @typedef {object} Slice
 * @property {number} step  @property {number} time  @property {Float64Array} edges n + 1 ascending  @property {Float64Array} counts n
 * @property {number} min  @property {number} max  @property {number} sum  @property {number} count  @property {number} nan
 * @property {number} peak the greatest density, in counts for each unit of value
 */
import {niceRange} from "./scales.js";
import {number} from "./series-format.js";

/** The quantiles of the bands, outermost first. */
export const QUANTILES = [[0, 1], [0.05, 0.95], [0.25, 0.75]];

/** Slices of an answer of `/histograms/data`, by step. @returns {Slice[]} */
export function slicesOf(answer) {
  return (answer?.slices ?? []).map((slice) => {
    const edges = Float64Array.from(slice.edges, number), counts = Float64Array.from(slice.counts, number);
    let peak = 0;
    for (let i = 0; i < counts.length; i++) {
      const width = edges[i + 1] - edges[i];
      if (width > 0) peak = Math.max(peak, counts[i] / width);
    }
    return {...slice, edges, counts, peak, min: number(slice.min ?? edges[0]), max: number(slice.max ?? edges.at(-1)), nan: slice.nan ?? 0};
  }).sort((a, b) => a.step - b.step);
}

/** The values that all slices span, as round numbers. @param {Slice[]} slices @returns {[number, number]} */
export function valueRange(slices) {
  let low = Infinity, high = -Infinity;
  for (const {edges, counts} of slices) {
    if (!counts.length) continue;
    low = Math.min(low, edges[0]);
    high = Math.max(high, edges[edges.length - 1]);
  }
  return low <= high ? niceRange(low, high) : [0, 1];
}

/** The steps that slices span, each owning the way to its neighbours' middles. @returns {number[]} one more than slices */
export function stepEdges(slices) {
  const steps = slices.map(({step}) => step);
  if (!steps.length) return [0, 1];
  const first = steps.length > 1 ? (steps[1] - steps[0]) / 2 : 0.5, last = steps.length > 1 ? (steps.at(-1) - steps.at(-2)) / 2 : 0.5;
  const middles = steps.slice(1).map((step, i) => (step + steps[i]) / 2);
  return [steps[0] - first, ...middles, steps.at(-1) + last];
}

/** The slice nearest to a step, or −1. O(log n) */
export function nearestSlice(slices, step) {
  if (!slices.length) return -1;
  let from = 0, to = slices.length - 1;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (slices[middle].step < step) from = middle + 1; else to = middle;
  }
  return from > 0 && step - slices[from - 1].step <= slices[from].step - step ? from - 1 : from;
}

/** The bin that holds a value, or −1. The last bin includes its upper edge. O(log n) */
export function binAt({edges, counts}, value) {
  const n = counts.length;
  if (!n || !(value >= edges[0]) || value > edges[n]) return -1;
  let from = 0, to = n - 1;
  while (from < to) {
    const middle = (from + to + 1) >> 1;
    if (edges[middle] <= value) from = middle; else to = middle - 1;
  }
  return from;
}

/** The value under which a share `q` of the counts lies: linear inside a bin; 0 and 1 are the exact extremes. */
export function quantile({edges, counts, min, max}, q) {
  if (q <= 0 && Number.isFinite(min)) return min;
  if (q >= 1 && Number.isFinite(max)) return max;
  const total = counts.reduce((sum, c) => sum + c, 0);
  if (!(total > 0)) return NaN;
  let below = 0;
  for (let i = 0; i < counts.length; i++) {
    if (below + counts[i] >= q * total && counts[i] > 0) {
      const value = edges[i] + ((q * total - below) / counts[i]) * (edges[i + 1] - edges[i]);
      return Math.min(Number.isFinite(max) ? max : value, Math.max(Number.isFinite(min) ? min : value, value));
    }
    below += counts[i];
  }
  return edges[edges.length - 1];
}

/** At most `limit` slices, evenly, first and last kept. */
export function thin(slices, limit) {
  if (slices.length <= limit) return slices;
  return Array.from({length: limit}, (_, i) => slices[Math.round((i * (slices.length - 1)) / (limit - 1))]);
}

/** Density of a slice at each of `n` values from `low` to `high`. @returns {Float64Array} */
export function densities(slice, low, high, n) {
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const bin = binAt(slice, low + ((i + 0.5) / n) * (high - low));
    if (bin < 0) continue;
    const width = slice.edges[bin + 1] - slice.edges[bin];
    out[i] = width > 0 ? slice.counts[bin] / width : 0;
  }
  return out;
}
