/**
 * Joins what a chart holds with the changes since its cursor.
 * @module
 * @typedef {import("./series-format.js").SeriesColumns} SeriesColumns
 */
import {COLUMNS, OPTIONAL_COLUMNS} from "./series-format.js";

/**
 * Returns what a chart holds after an answer to a query with `since`.
 *
 * An answer that is not a delta stands for all; a delta replaces the buckets of `held` from its first x on.
 * @param {SeriesColumns} held  @param {SeriesColumns} answer
 * @returns {SeriesColumns} a new object; `held` stays as it was. O(n + k)
 */
export function mergeSeries(held, answer) {
  if (answer.delta === false || !held || held.bucketCount === 0) return answer;
  const kept = answer.bucketCount === 0 ? held.bucketCount : firstIndexAtOrAfter(held.x0, answer.x0[0]);
  const merged = {...held, ...answer, bucketCount: kept + answer.bucketCount};
  for (const name of [...COLUMNS, ...OPTIONAL_COLUMNS]) {
    if (held[name] || answer[name]) merged[name] = join(held[name], answer[name] ?? answer.mean, kept);
  }
  return {...merged, ...totals(merged), cursor: answer.cursor ?? held.cursor, ...wholeOf(held, answer)};
}

/** What the header counts, over all buckets there are now. */
function totals({count, nanCount, positiveInfinityCount, negativeInfinityCount}) {
  const sum = (column) => column.reduce((total, v) => total + v, 0);
  return {points: sum(count), nan: sum(nanCount), positiveInfinity: sum(positiveInfinityCount), negativeInfinity: sum(negativeInfinityCount), raw: count.every((n) => n <= 1)};
}

function wholeOf(a, b) {
  const ends = (name, pick) => {
    const values = [a[name], b[name]].filter(Number.isFinite);
    return values.length ? pick(...values) : NaN;
  };
  return {firstX: ends("firstX", Math.min), lastX: ends("lastX", Math.max), domain: a.domain && b.domain ? [Math.min(a.domain[0], b.domain[0]), Math.max(a.domain[1], b.domain[1])] : b.domain ?? a.domain};
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
