/**
 * Where an axis writes: round numbers, decades, calendar times, durations.
 * @module
 */
import {niceStep, round} from "./scales.js";

const MINUTE = 60, HOUR = 3600, DAY = 86400;
const TIME_STEPS = [1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY, 365 * DAY];

/**
 * Multiples of 1, 2 or 5 · 10ⁿ within `low…high`.
 * @param {number} count about how many are wanted  @param {boolean} integers no fractions, for steps
 * @returns {number[]}
 */
export function linearTicks(low, high, count, integers = false) {
  if (!(high > low)) return [low];
  let step = niceStep((high - low) / Math.max(1, count));
  if (integers) step = Math.max(1, Math.round(step));
  return multiples(low, high, step);
}

/** Decades, with 2 and 5 between them when there is room; linear ticks when less than a decade is in view. */
export function logTicks(low, high, count) {
  const [from, to] = [Math.log10(low), Math.log10(high)];
  if (to - from < 0.7) return linearTicks(low, high, count).filter((v) => v > 0);
  const every = Math.max(1, Math.ceil((to - from) / Math.max(1, count)));
  const parts = (to - from) * 3 <= count ? [1, 2, 5] : (to - from) * 2 <= count ? [1, 3] : [1];
  const ticks = [];
  for (let e = Math.floor(from); e <= Math.ceil(to); e++) {
    if (e % every !== 0) continue;
    for (const part of parts) ticks.push(Number(`${part}e${e}`));
  }
  return ticks.filter((v) => v >= low * (1 - 1e-9) && v <= high * (1 + 1e-9));
}

/** Zero and signed decades. @param {number} c the constant of the scale */
export function symlogTicks(low, high, count, c) {
  const top = Math.floor(Math.log10(Math.max(Math.abs(low), Math.abs(high), c)));
  const bottom = Math.ceil(Math.log10(c));
  const sides = (low < 0 ? 1 : 0) + (high > 0 ? 1 : 0);
  const every = Math.max(1, Math.ceil(((top - bottom + 1) * sides) / Math.max(1, count - 1)));
  const ticks = [0];
  for (let e = top; e >= bottom; e -= every) ticks.push(10 ** e, -(10 ** e));
  return ticks.filter((v) => v >= low && v <= high).sort((a, b) => a - b);
}

/** Round durations or clock times, in seconds. Clock times are aligned to the zone by `offset` seconds. */
export function timeTicks(low, high, count, offset = 0) {
  const rough = (high - low) / Math.max(1, count);
  if (rough < 1) return linearTicks(low, high, count);
  const step = TIME_STEPS.find((s) => s >= rough) ?? 365 * DAY * niceStep(rough / (365 * DAY));
  return multiples(low + offset, high + offset, step).map((v) => v - offset);
}

function multiples(low, high, step) {
  const ticks = [];
  const last = Math.floor(high / step + 1e-9);
  for (let i = Math.ceil(low / step - 1e-9); i <= last && ticks.length < 1000; i++) ticks.push(round(i * step, step) + 0);
  return ticks;
}
