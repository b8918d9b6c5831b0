/**
 * Series as intervals: what is known of each bucket, on its own buckets or on those of another series.
 * @module
 * @typedef {import("../charts/series-format.js").SeriesColumns} SeriesColumns
 * @typedef {[number, number, number]} Interval least, middle and greatest value of a bucket
 */

/** Each bucket's interval. A bucket without finite values has its word as middle. @returns {Interval[]} */
export function intervalsOf(data) {
  return /** @type {Interval[]} */ (Array.from({length: data.bucketCount}, (_, i) => interval(data, i)));
}

/** @returns {Interval} */
function interval(data, i) {
  const middle = finite(data, i) ? data.mean[i] : data.positiveInfinityCount[i] ? Infinity : data.negativeInfinityCount[i] ? -Infinity : NaN;
  return /** @type {Interval} */ (Number.isFinite(middle) ? [data.min[i], middle, data.max[i]] : [middle, middle, middle]);
}

const finite = (data, i) => data.count[i] > data.nanCount[i] + data.positiveInfinityCount[i] + data.negativeInfinityCount[i];

/**
 * `other` on the buckets of `grid`: of the buckets that overlap, the extremes and the mean; between two buckets, the straight line.
 * @param {SeriesColumns} grid  @param {SeriesColumns} other @returns {(Interval|null)[]} null before its first and after its last x. O(n + m)
 */
export function joinOn(grid, other) {
  let from = 0;
  return Array.from({length: grid.bucketCount}, (_, i) => {
    const low = grid.x0[i], high = grid.x1[i];
    while (from < other.bucketCount && other.x1[from] < low) from++;
    let to = from;
    while (to < other.bucketCount && other.x0[to] <= high) to++;
    if (to > from) return merged(other, from, to);
    return from > 0 && from < other.bucketCount ? between(other, from, (low + high) / 2) : null;
  });
}

/** @returns {Interval} */
function merged(data, from, to) {
  let low = Infinity, high = -Infinity, sum = 0, count = 0;
  for (let i = from; i < to; i++) {
    if (!finite(data, i)) return interval(data, i);             // a word is never hidden by numbers beside it
    low = Math.min(low, data.min[i]);
    high = Math.max(high, data.max[i]);
    sum += data.mean[i] * data.count[i];
    count += data.count[i];
  }
  return [low, sum / count, high];
}

/** @returns {Interval} */
function between(data, next, x) {
  const a = interval(data, next - 1), b = interval(data, next), t = (x - data.x1[next - 1]) / (data.x0[next] - data.x1[next - 1]);
  return /** @type {Interval} */ (a.map((value, k) => value + (b[k] - value) * t));
}

/** Intervals as a series on the buckets of `grid`; buckets of null are left out. @param {(Interval|null)[]} values @returns {SeriesColumns} */
export function seriesOf(grid, values) {
  const kept = values.flatMap((value, i) => (value === null ? [] : [i])), n = kept.length;
  const column = (take) => Float64Array.from(kept, take);
  // A bucket without a finite value counts whole; of a mixed one, what its own series had.
  const words = (test, own) => column((i) => (test(values[i][1]) ? grid.count[i] : Number.isFinite(values[i][1]) ? own[i] : 0)), sum = (counts) => counts.reduce((a, b) => a + b, 0);
  const nanCount = words(Number.isNaN, grid.nanCount), positiveInfinityCount = words((v) => v === Infinity, grid.positiveInfinityCount);
  const negativeInfinityCount = words((v) => v === -Infinity, grid.negativeInfinityCount);
  const mean = column((i) => values[i][1]), x0 = column((i) => grid.x0[i]), x1 = column((i) => grid.x1[i]);
  return {...grid, bucketCount: n, x0, x1, mean, count: column((i) => grid.count[i]), min: column((i) => values[i][0]), max: column((i) => values[i][2]), first: mean, last: mean,
    nanCount, positiveInfinityCount, negativeInfinityCount, nan: sum(nanCount), positiveInfinity: sum(positiveInfinityCount), negativeInfinity: sum(negativeInfinityCount),
    smoothed: undefined, firstX: n ? x0[0] : NaN, lastX: n ? x1[n - 1] : NaN};
}
