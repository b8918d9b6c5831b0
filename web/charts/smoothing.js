/**
 * The four kinds of smoothing, by the server's rules, as a preview while a slider moves.
 *
 * The server smooths all points; a preview smooths what the chart holds, which is the same for raw series.
 * @module
 * @typedef {{kind: "timeEMA"|"ema"|"gaussian"|"average", amount: number}} Smoothing
 */

/**
 * Smooths `y` in x order; NaN and ±∞ pass through and do not count.
 * @param {ArrayLike<number>} x ascending  @param {ArrayLike<number>} y
 * @param {Smoothing} smoothing `amount` is 0…0.999, for `average` a window in points
 * @param {number} [extent] x-range of the whole series, of which `x` may be a part; by default of `x`
 * @returns {Float64Array}
 */
export function smooth(x, y, {kind, amount}, extent = x.length ? x[x.length - 1] - x[0] : 0) {
  if (!(amount > 0)) return Float64Array.from(y);
  if (kind === "ema") return ema(y, amount);
  if (kind === "gaussian") return gaussian(x, y, gaussianWidth(amount, extent));
  return kind === "average" ? average(y, amount) : timeEMA(x, y, amount, extent);
}

/** Standard deviations after which the Gaussian is cut. */
const REACH = 6;

/** Standard deviation of the Gaussian in x-units: the slider spans 0–10 % of the x-range. */
export const gaussianWidth = (amount, extent) => amount * 0.1 * extent;

/** An exponential mean whose memory is in x, not in points (the rule of Weights & Biases). */
function timeEMA(x, y, amount, extent) {
  const weight = Math.min(Math.sqrt(amount), 0.999);
  const out = new Float64Array(y.length);
  let sum = 0, size = 0, before = NaN;
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i])) { out[i] = y[i]; continue; }
    const gap = Number.isNaN(before) || extent <= 0 ? 0 : (x[i] - before) / extent;
    const keep = weight ** (1000 * gap);
    sum = sum * keep + y[i];
    size = size * keep + 1;
    out[i] = sum / size;
    before = x[i];
  }
  return out;
}

/** The debiased exponential mean of TensorBoard; a constant series stays as it is. */
function ema(y, amount) {
  const out = new Float64Array(y.length);
  const first = Array.prototype.find.call(y, Number.isFinite);
  if (Array.prototype.every.call(y, (v) => !Number.isFinite(v) || v === first)) return Float64Array.from(y);
  let mean = 0, count = 0;
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i])) { out[i] = y[i]; continue; }
    mean = amount * mean + (1 - amount) * y[i];
    count += 1;
    out[i] = mean / (1 - amount ** count);
  }
  return out;
}

/** A two-sided Gaussian in x, cut at six standard deviations as the server does. O(n · points within 6σ) */
function gaussian(x, y, sigma) {
  const out = new Float64Array(y.length);
  let from = 0;
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i]) || !(sigma > 0)) { out[i] = y[i]; continue; }
    while (x[from] < x[i] - REACH * sigma) from++;
    let sum = 0, size = 0;
    for (let j = from; j < y.length && x[j] <= x[i] + REACH * sigma; j++) {
      if (!Number.isFinite(y[j])) continue;
      const weight = Math.exp(-0.5 * ((x[j] - x[i]) / sigma) ** 2);
      sum += weight * y[j];
      size += weight;
    }
    out[i] = sum / size;
  }
  return out;
}

/** The mean of a centred window of `window` finite points (an even one counts as the next odd), narrower at the ends. O(n) */
function average(y, window) {
  const out = Float64Array.from(y);
  const places = [];
  for (let i = 0; i < y.length; i++) if (Number.isFinite(y[i])) places.push(i);
  const sums = new Float64Array(places.length + 1);
  places.forEach((place, k) => { sums[k + 1] = sums[k] + y[place]; });
  const half = Math.floor(Math.trunc(window) / 2);
  places.forEach((place, k) => {
    const [from, to] = [Math.max(0, k - half), Math.min(places.length, k + half + 1)];
    out[place] = (sums[to] - sums[from]) / (to - from);
  });
  return out;
}
