/** What a curve comes to in a range of x. @module */
import {visibleIndices} from "./extent.js";
import {finiteCount} from "./trace.js";

/**
 * Last, least, greatest and mean of the finite values, and how many are NaN. The mean counts every point of a bucket.
 * @param {import("./series-format.js").SeriesColumns} data  @param {[number, number]|null} range null for all that is there
 * @returns {{last: number, min: number, max: number, mean: number, nan: number}} NaN where there is no finite value
 */
export function visibleNumbers(data, range) {
  const [from, to] = range ? visibleIndices({data}, range[0], range[1]) : [0, data.bucketCount];
  const numbers = {last: NaN, min: NaN, max: NaN, mean: NaN, nan: 0};
  let sum = 0, count = 0;
  for (let i = from; i < to; i++) {
    const finite = finiteCount(data, i);
    numbers.nan += data.nanCount[i];
    if (finite <= 0) continue;
    sum += data.mean[i] * finite;
    count += finite;
    if (!(numbers.min <= data.min[i])) numbers.min = data.min[i];
    if (!(numbers.max >= data.max[i])) numbers.max = data.max[i];
    numbers.last = data.last[i];
  }
  return {...numbers, mean: sum / count};
}
