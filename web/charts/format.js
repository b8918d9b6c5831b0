/**
 * Numbers, times and sizes as people read them. Text has U+2212 for minus; `plain` forms for copies and files are ASCII.
 * @module
 */
import * as strings from "../strings.js";

const MINUS = "\u2212", THIN = "\u2009", MISSING = "—";
const MONTHS = strings.time.months;

/** Four significant digits; integers stay integers; `1.23e-5` under 1e-4 and above 1e6. @returns {string} */
export function formatValue(value, digits = 4) {
  if (value === null || value === undefined) return MISSING;
  const word = wordOf(value);
  if (word) return word;
  const size = Math.abs(value);
  if (Number.isInteger(value) && size <= 1e6) return typographic(String(value));
  if (size < 1e-4 || size > 1e6) return typographic(shorten(value.toExponential(digits - 1)));
  return typographic(shorten(value.toPrecision(digits)));
}

/** All digits, ASCII, for copies and files; missing is empty. */
export function plainValue(value) {
  if (value === null || value === undefined) return "";
  return Number.isNaN(value) ? "NaN" : String(value);
}

/** A step: an integer with thin spaces, or a number. */
export function formatStep(value) {
  if (!Number.isInteger(value)) return formatValue(value, 6);
  const text = String(Math.abs(value)).replace(/\B(?=(\d{3})+$)/g, THIN);
  return value < 0 ? MINUS + text : text;
}

/**
 * Labels of an axis: as few digits as tell the ticks apart, with k, M, G, T.
 * @param {number[]} ticks ascending  @returns {string[]}
 */
export function formatTicks(ticks) {
  const step = ticks.length > 1 ? smallestGap(ticks) : Math.abs(ticks[0] ?? 1) || 1;
  return ticks.map((value) => formatTick(value, step));
}

/** One label of an axis whose other ticks are not known: three to four digits, with k, M, G, T. */
export function formatTickAlone(value) {
  const size = Math.abs(value);
  return formatTick(value, size < 1000 ? size / 1000 : size / 100);
}

function smallestGap(ticks) {
  let gap = Infinity;
  for (let i = 1; i < ticks.length; i++) gap = Math.min(gap, Math.abs(ticks[i] - ticks[i - 1]));
  return gap;
}

function formatTick(value, step) {
  const size = Math.abs(value);
  if (value === 0) return "0";
  if (size < 1e-4 || size >= 1e15) return typographic(shorten(value.toExponential(spread(size, step))));
  const [unit, name] = size >= 1e12 ? [1e12, "T"] : size >= 1e9 ? [1e9, "G"] : size >= 1e6 ? [1e6, "M"] : size >= 1e3 ? [1e3, "k"] : [1, ""];
  const decimals = decimalsOf(Math.min(step, size) / unit);
  if (unit > 1 && decimals > 2) return grouped(value, decimalsOf(step));
  return typographic(trimZeros((value / unit).toFixed(Math.min(12, decimals)))) + name;
}

function grouped(value, decimals) {
  const [whole, part] = Math.abs(value).toFixed(Math.min(12, decimals)).split(".");
  const text = whole.replace(/\B(?=(\d{3})+$)/g, THIN) + (part ? `.${part}` : "");
  return value < 0 ? MINUS + text : text;
}

const decimalsOf = (step) => Math.max(0, Math.ceil(-Math.log10(step) - 1e-9) + (leading(step) === 2.5 ? 1 : 0));
const leading = (step) => Number((step / 10 ** Math.floor(Math.log10(step))).toFixed(3));
const spread = (size, step) => Math.min(6, Math.max(0, Math.floor(Math.log10(size)) - Math.floor(Math.log10(step))));
const trimZeros = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

/** Bytes in KiB, MiB, GiB. */
export function formatBytes(bytes) {
  if (!Number.isFinite(bytes)) return wordOf(bytes) ?? MISSING;
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.abs(bytes) || 1) / 10)));
  return `${formatValue(bytes / 1024 ** power)} ${units[power]}`;
}

/** A duration in seconds as `1h 23m 04s`; short ones as `850 ms`, `4.2 s`. */
export function formatDuration(seconds) {
  if (!Number.isFinite(seconds)) return MISSING;
  const sign = seconds < 0 ? MINUS : "";
  const size = Math.abs(seconds);
  if (size === 0) return "0 s";
  if (size < 1) return `${sign}${formatValue(size * 1000, 3)} ms`;
  if (size < 60) return `${sign}${formatValue(size, 3)} s`;
  const whole = Math.round(size);
  const [d, h, m, s] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  if (d) return `${sign}${d}d ${two(h)}h ${two(m)}m`;
  return sign + (h ? `${h}h ${two(m)}m ${two(s)}s` : `${m}m ${two(s)}s`);
}

/** Labels of a duration axis, in seconds: the parts that change, such as `0`, `5m`, `1h 30m`. */
export function formatDurationTicks(ticks) {
  const step = ticks.length > 1 ? smallestGap(ticks) : 1;
  return ticks.map((value) => {
    if (value === 0) return "0";
    if (step < 1) return `${formatTick(value, step)}s`;
    const size = Math.abs(value), parts = [];
    const [d, h, m, s] = [Math.floor(size / 86400), Math.floor(size / 3600) % 24, Math.floor(size / 60) % 60, Math.round(size % 60)];
    if (d) parts.push(`${d}d`);
    if (h) parts.push(`${h}h`);
    if (m) parts.push(`${m}m`);
    if (s) parts.push(`${s}s`);
    return (value < 0 ? MINUS : "") + parts.slice(0, 2).join(" ");
  });
}

/** `21 Nov 2026 01:36` (with seconds on request) in the local zone, or in UTC. @param {number} ms since 1970 */
export function formatTime(ms, {utc = false, seconds = false} = {}) {
  if (!Number.isFinite(ms)) return MISSING;
  const t = partsOf(ms, utc);
  return `${t.day} ${MONTHS[t.month]} ${t.year} ${clock(t, seconds)}`;
}

/** `3 min ago` within a day, else the time itself. */
export function formatAgo(ms, now = Date.now(), options = {}) {
  if (!Number.isFinite(ms)) return MISSING;
  const seconds = Math.round((now - ms) / 1000);
  if (Math.abs(seconds) >= 86400) return formatTime(ms, options);
  if (Math.abs(seconds) < 5) return strings.time.now;
  const size = Math.abs(seconds);
  const text = size < 60 ? `${size} s` : size < 3600 ? `${Math.floor(size / 60)} min` : `${Math.floor(size / 3600)} h`;
  return seconds < 0 ? strings.time.ahead({span: text}) : strings.time.ago({span: text});
}

/** Labels of a clock axis (seconds since 1970): the date where it changes, the time elsewhere. */
export function formatClockTicks(ticks, {utc = false} = {}) {
  const step = ticks.length > 1 ? smallestGap(ticks) : 60;
  let day = null;
  return ticks.map((value) => {
    const t = partsOf(value * 1000, utc);
    const date = `${t.day} ${MONTHS[t.month]}`;
    if (step >= 86400) return date;
    const first = day !== null && day !== date && t.hour === 0 && t.minute === 0;
    day = date;
    return first ? date : clock(t, step < 60);
  });
}

function partsOf(ms, utc) {
  const d = new Date(utc ? ms : ms - new Date(ms).getTimezoneOffset() * 60000);
  return {year: d.getUTCFullYear(), month: d.getUTCMonth(), day: d.getUTCDate(), hour: d.getUTCHours(), minute: d.getUTCMinutes(), second: d.getUTCSeconds()};
}

let halfDays = false;
/** Whether times of day are told as `1:36 pm`; else `13:36`. */
export function useHalfDays(are) { halfDays = are; }

function clock({hour, minute, second}, seconds) {
  const two = (n) => String(n).padStart(2, "0"), rest = `:${two(minute)}${seconds ? `:${two(second)}` : ""}`;
  return halfDays ? `${hour % 12 || 12}${rest} ${hour < 12 ? strings.time.am : strings.time.pm}` : two(hour) + rest;
}

function wordOf(value) {
  if (Number.isNaN(value)) return "NaN";
  return value === Infinity ? "+Inf" : value === -Infinity ? `${MINUS}Inf` : null;
}

function shorten(text) {
  const [mantissa, exponent] = text.split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return exponent === undefined ? short : `${short}e${Number(exponent)}`;
}

const typographic = (text) => text.replaceAll("-", MINUS);
