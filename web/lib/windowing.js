/** Which rows of a long list are on the screen. @module */

/**
 * The rows to draw: those in view and `spare` before and after. O(1).
 * @returns {{first: number, last: number}} `last` is exclusive
 */
export function windowOf(scrollTop, height, rowHeight, count, spare = 8) {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - spare);
  const last = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + spare);
  return {first: Math.min(first, count), last: Math.max(last, Math.min(first, count))};
}

/** Browsers cut elements at about 33 million pixels; beyond `MOST` the scroll place is scaled. */
export const MOST = 8_000_000;

/** The height of the scrolled content, and how many rows' pixels one pixel of it stands for. */
export function scrollScale(count, rowHeight, height) {
  const full = count * rowHeight;
  if (full <= MOST) return {content: full, scale: 1};
  return {content: MOST, scale: (full - height) / (MOST - height)};
}
