/**
 * What went wrong in a run, found in its series: facts only, the page has the words.
 * @module
 *
 * @typedef {object} Finding
 * @property {"failed"|"silent"|"nan"|"infinity"|"spikes"|"divergence"|"overfitting"|"zeroRate"} kind
 * @property {"error"|"warning"|"info"} severity  @property {string} metric empty for what concerns the whole run
 * @property {number|null} first step at which it begins  @property {number|null} last step at which it ends
 * @property {number} count points, or places, that it concerns
 * @property {number} [of] points of the metric  @property {number} [best] the best value  @property {number} [now] the last one
 * @property {number} [worst] the greatest of the spikes  @property {[number, number]} [begin] the bucket that holds the first of them, as long as that is all that is known
 *
 * @typedef {{metric: string, x0: ArrayLike<number>, x1: ArrayLike<number>, count: ArrayLike<number>, mean: ArrayLike<number>, min: ArrayLike<number>,
 *   max: ArrayLike<number>, nanCount: ArrayLike<number>, positiveInfinityCount: ArrayLike<number>, negativeInfinityCount: ArrayLike<number>,
 *   bucketCount: number, points: number}} Buckets
 */
import {isValidation} from "./sections.js";

/** A value is a spike when it stands out from the level around it by this many times the usual spread, and by this share of the level. */
const SPIKE_SPREADS = 12, SPIKE_SHARE = 0.5, AROUND = 12;
/** A loss diverges when it ends above its best by this share of all it ever fell, after at least so many buckets. */
const DIVERGED = 0.5, LEAST_BUCKETS = 20;
/** A validation metric over-fits when it ends worse than its best by this share of its range, the best being so far back. */
const OVERFIT = 0.08, BEST_BEFORE = 0.8;

const SMALLER_IS_BETTER = /(^|[/_.-])(loss|error|err|nll|perplexity|ppl|rmse|mse|mae|wer|cer)([/_.-]|$)/i;
const LARGER_IS_BETTER = /(^|[/_.-])(acc|accuracy|f1|auc|precision|recall|map|bleu|iou|score|r2)([/_.-]|$)/i;
const LEARNING_RATE = /(^|[/_.-])(lr|learning_?rate)$/i;

/** `1` if smaller values are better, `-1` if larger ones are, `0` if nobody says. @param {string} metric  @param {string} [goal] as it was declared */
export function directionOf(metric, goal) {
  if (goal) return goal === "maximize" ? -1 : 1;
  return SMALLER_IS_BETTER.test(metric) ? 1 : LARGER_IS_BETTER.test(metric) ? -1 : 0;
}

/**
 * Findings of a run, the latest first.
 * @param {{state: string, live: boolean, lastStep?: number|null}} run  @param {Buckets[]} all its series by step  @param {Map<string, string>} [goals] by metric
 * @returns {Finding[]}
 */
export function findingsOf(run, all, goals = new Map()) {
  const found = [...ofTheRun(run), ...all.flatMap((series) => ofSeries(series, directionOf(series.metric, goals.get(series.metric)), run))];
  return found.sort((a, b) => (b.last ?? Infinity) - (a.last ?? Infinity));
}

function ofTheRun({state, live, lastStep = null}) {
  const finding = (kind, severity) => [/** @type {Finding} */ ({kind, severity, metric: "", first: lastStep, last: null, count: 1})];
  if (state === "failed") return finding("failed", "error");
  return state === "running" && !live ? finding("silent", "warning") : [];
}

/** @param {Buckets} series @returns {Finding[]} */
function ofSeries(series, direction, run) {
  const words = [notFinite(series, "nan", series.nanCount), notFinite(series, "infinity", series.positiveInfinityCount, series.negativeInfinityCount)];
  const validates = isValidation(series.metric);
  const shape = direction === 0 ? [] : validates ? [overfitting(series, direction)] : direction > 0 ? [spikes(series), divergence(series)] : [];
  const rate = LEARNING_RATE.test(series.metric) ? zeroRate(series, run) : null;
  return [...words, ...shape, rate].filter(Boolean);
}

/** @param {Buckets} series  @param {"nan"|"infinity"} kind  @param {ArrayLike<number>[]} counts @returns {Finding|null} */
function notFinite(series, kind, ...counts) {
  let count = 0, first = null, last = null;
  /** @type {[number, number]|undefined} */ let begin;
  for (let i = 0; i < series.bucketCount; i++) {
    const here = counts.reduce((sum, column) => sum + column[i], 0);
    if (!here) continue;
    count += here;
    begin ??= series.x0[i] < series.x1[i] ? [series.x0[i], series.x1[i]] : undefined;
    first ??= series.x0[i];
    last = series.x1[i];
  }
  return count ? {kind, severity: "error", metric: series.metric, first, last, count, of: series.points, begin} : null;
}

/** The x of the first value of that kind in a series that was asked for in detail; `null` if it has none. @param {Buckets} series  @param {string} kind */
export function firstNotFinite(series, kind) {
  const columns = kind === "nan" ? [series.nanCount] : [series.positiveInfinityCount, series.negativeInfinityCount];
  for (let i = 0; i < series.bucketCount; i++) if (columns.some((column) => column[i] > 0)) return series.x0[i];
  return null;
}

/** Buckets with finite values: their places, means and extremes. @param {Buckets} series */
function finite({bucketCount, mean, min, max, x0, x1}) {
  const places = [];
  for (let i = 0; i < bucketCount; i++) if (Number.isFinite(mean[i]) && max[i] >= min[i]) places.push({from: x0[i], to: x1[i], mean: mean[i], min: min[i], max: max[i]});
  return places;
}

const medianOf = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Values that stand out upwards from the level around them.
 * @param {Buckets} series @returns {Finding|null}
 */
function spikes(series) {
  const places = finite(series), found = [];
  for (let i = 1; i < places.length - 1 && places.length >= LEAST_BUCKETS; i++) {
    const sides = [places.slice(Math.max(0, i - AROUND), i), places.slice(i + 1, i + AROUND + 1)];
    // Above both sides: where a loss falls steeply each value is far above those after it.
    const level = Math.max(...sides.map((side) => medianOf(side.map(({mean}) => mean)))), spread = medianOf(sides.flat().map(({max}) => Math.abs(max - level)));
    const above = places[i].max - level;
    if (above > SPIKE_SPREADS * spread && above > SPIKE_SHARE * Math.abs(level)) found.push({...places[i], index: i});
  }
  if (found.length === 0) return null;
  const apart = found.filter((place, i) => i === 0 || place.index > found[i - 1].index + 1);
  return {kind: "spikes", severity: "warning", metric: series.metric, first: found[0].from, last: found.at(-1).to, count: apart.length, worst: Math.max(...found.map(({max}) => max))};
}

/**
 * A training loss that rises again and does not come back.
 * @param {Buckets} series @returns {Finding|null}
 */
function divergence(series) {
  const places = finite(series);
  if (places.length < LEAST_BUCKETS) return null;
  const tail = places.slice(-Math.ceil(places.length / 10)), now = medianOf(tail.map(({mean}) => mean));
  const best = places.reduce((least, place) => (place.mean < least.mean ? place : least));
  const fell = places[0].mean - best.mean, rose = now - best.mean;
  const diverged = fell > 0 ? rose > DIVERGED * fell && rose > SPIKE_SHARE * Math.abs(best.mean) : rose > Math.abs(best.mean);
  return diverged ? {kind: "divergence", severity: "error", metric: series.metric, first: best.to, last: places.at(-1).to, count: tail.length, best: best.mean, now} : null;
}

/**
 * A validation metric whose best lies well behind.
 * @param {Buckets} series @returns {Finding|null}
 */
function overfitting(series, direction) {
  const places = finite(series);
  if (places.length < 5) return null;
  const values = places.map(({mean}) => mean * direction), best = values.indexOf(Math.min(...values)), now = medianOf(values.slice(-3));
  const range = Math.max(...values) - values[best];
  if (best > BEST_BEFORE * (places.length - 1) || now - values[best] <= OVERFIT * range || range === 0) return null;
  return {kind: "overfitting", severity: "warning", metric: series.metric, first: places[best].to, last: places.at(-1).to, count: places.length - 1 - best, best: values[best] * direction, now: now * direction};
}

/**
 * A learning rate of zero while the run goes on: nothing is learned any more.
 * @param {Buckets} series @returns {Finding|null}
 */
function zeroRate(series, run) {
  const places = finite(series);
  let from = places.length;
  while (from > 0 && places[from - 1].max === 0) from -= 1;
  if (from === places.length || run.state !== "running") return null;
  return {kind: "zeroRate", severity: "warning", metric: series.metric, first: places[from].from, last: places.at(-1).to, count: places.length - from, now: 0};
}
