/**
 * Joins what a chart holds with the changes since its cursor.
 * @module
 * @typedef {import("./series-format.js").SeriesColumns} SeriesColumns
 */
import {COLUMNS, OPTIONAL_COLUMNS} from "./series-format.js";

/**
 * Returns `held` followed by `delta`: buckets of `held` that begin at or after the delta's first x are replaced.
 *
 * The totals (points, domain, NaN counts, cursor) are the delta's, because the server counts the whole series in each answer.
 * @param {SeriesColumns} held  @param {SeriesColumns} delta an answer to a query with `since`
 * @returns {SeriesColumns} a new object; `held` stays as it was. O(n + k)
 */
export function mergeSeries(held, delta) {
  if (delta.bucketCount === 0) return {...held, cursor: delta.cursor ?? held.cursor};
  if (held.bucketCount === 0) return delta;
  const kept = firstIndexAtOrAfter(held.x0, delta.x0[0]);
  const merged = {...held, ...delta, bucketCount: kept + delta.bucketCount};
  for (const name of [...COLUMNS, ...OPTIONAL_COLUMNS]) {
    if (held[name] || delta[name]) merged[name] = join(held[name], delta[name] ?? delta.mean, kept);
  }
  merged.raw = merged.count.every((count) => count <= 1);
  merged.domain = [Math.min(held.domain[0], delta.domain[0]), Math.max(held.domain[1], delta.domain[1])];
  return merged;
}

/** True when deltas have made the series so long that a fresh query is cheaper to draw. */
export function needsResync(series, buckets) {
  return series.bucketCount > 2 * buckets;
}

/** The first index whose value is ≥ `x`, by bisection of an ascending column. */
export function firstIndexAtOrAfter(column, x, from = 0, to = column.length) {
  while (from < to) {
    const middle = (from + to) >> 1;
    if (column[middle] < x) from = middle + 1; else to = middle;
  }
  return from;
}

function join(held, added, kept) {
  const out = new Float64Array(kept + added.length);
  if (held) out.set(held.subarray(0, kept)); else out.fill(NaN, 0, kept);
  out.set(added, kept);
  return out;
}
