/**
 * Axis scales: a value is carried to a *place* by `forward`, and places are linear on the screen.
 * @module
 * @typedef {object} Scale
 * @property {"linear"|"log"|"symlog"} kind
 * @property {(value: number) => number} forward NaN where the scale has no place for the value
 * @property {(place: number) => number} inverse
 */

/** @type {Scale} */
export const linear = {kind: "linear", forward: (v) => v, inverse: (u) => u};

/** Base ten; values ≤ 0 have no place. @type {Scale} */
export const log = {kind: "log", forward: (v) => (v > 0 ? Math.log10(v) : NaN), inverse: (u) => 10 ** u};

/**
 * Linear around zero and logarithmic far from it: sign(v)·log10(1 + |v|/c).
 * Source: J. Beau W. Webber, *A bi-symmetric log transformation for wide-range data* (2012).
 * @param {number} c the size at which the scale turns from linear to logarithmic, > 0
 * @returns {Scale}
 */
export function symlog(c) {
  return {
    kind: "symlog",
    forward: (v) => Math.sign(v) * Math.log10(1 + Math.abs(v) / c),
    inverse: (u) => Math.sign(u) * c * (10 ** Math.abs(u) - 1),
  };
}

/** The scale called `kind` for values between `low` and `high`. @returns {Scale} */
export function makeScale(kind, low = 0, high = 1) {
  if (kind === "log") return log;
  return kind === "symlog" ? symlog(symlogConstant(low, high)) : linear;
}

/** Three decades under the greatest size, so that a chart shows about three decades on each side of zero. */
export function symlogConstant(low, high) {
  const greatest = Math.max(Math.abs(low), Math.abs(high));
  return greatest > 0 && Number.isFinite(greatest) ? 10 ** (Math.floor(Math.log10(greatest)) - 3) : 1e-3;
}

/** The 1–2–5 step nearest above `rough`. */
export function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  const part = rough / power;
  return (part <= 1.0000001 ? 1 : part <= 2.0000001 ? 2 : part <= 5.0000001 ? 5 : 10) * power;
}

/**
 * A range of round numbers that holds `low…high`. A constant stands in the middle: ± 5 %, or ± 1 around zero.
 * @param {number} low  @param {number} high  @param {Scale} scale
 * @returns {[number, number]} as values; never cuts the data
 */
export function niceRange(low, high, scale = linear) {
  if (!(low <= high)) return scale.kind === "log" ? [0.1, 10] : [0, 1];
  if (scale.kind !== "linear") return nicePlaces(low, high, scale);
  if (high - low <= Math.max(Math.abs(low), Math.abs(high)) * 1e-12) {
    const half = Math.abs(low) * 0.05 || 1;
    return [low - half, high + half];
  }
  const step = niceStep((high - low) / 10);
  return [round(Math.floor(low / step + 1e-9) * step, step), round(Math.ceil(high / step - 1e-9) * step, step)];
}

/** Round in places: half decades of head-room at most, so that a log chart is not mostly empty. */
function nicePlaces(low, high, scale) {
  const [a, b] = [scale.forward(low), scale.forward(high)];
  const pad = b - a < 1e-9 ? 0.5 : (b - a) * 0.04;
  return [scale.inverse(a - pad), scale.inverse(b + pad)];
}

/** `value` without the noise of binary fractions below `step`. */
export function round(value, step) {
  const digits = Math.min(100, Math.max(0, 2 - Math.floor(Math.log10(step))));
  return Number(value.toFixed(digits));
}
