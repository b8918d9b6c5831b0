/**
 * Draws dense lines straight into pixels: where a line has a vertex every few columns it is, in each column, one interval. Filling intervals
 * with soft ends costs a tenth of stroking, and dashes, measured along x, stay legible on noise.
 * @module
 */
import {visibleIndices} from "./extent.js";

/** A line is dense when it has a vertex in at least every fourth CSS pixel. */
export function isDense(trace, view) {
  const [from, to] = visibleIndices(trace, view.low, view.high);
  return to - from > view.width / view.ratio / 4;
}

/** Where a line is in each column, in device pixels; empty columns have `top > bottom`. */
export class LineColumns {
  constructor(width) {
    this.top = new Float32Array(width);
    this.bottom = new Float32Array(width);
  }
}

/**
 * Reduces a line to columns. @param {Float64Array} xs places  @param {Float64Array} ys places
 * @param {number} half half of the line's width in device pixels  @param {LineColumns} columns written
 * @returns {number[]} x and y, one after the other, of points that stand alone between gaps
 */
export function lineColumns(trace, xs, ys, view, half, columns) {
  const {top, bottom} = columns, {gap} = trace, alone = [];
  top.fill(Infinity);
  bottom.fill(-Infinity);
  const [from, to] = visibleIndices(trace, view.low, view.high);
  const start = Math.max(0, from - 1), end = Math.min(trace.data.bucketCount, to + 1), width = top.length;
  const kx = view.width / (view.x1 - view.x0), ky = view.height / (view.y1 - view.y0), ox = view.x0, oy = view.y1;
  let lastX = 0, lastY = 0, length = 0;
  for (let i = start; i < end; i++) {
    const x = (xs[i] - ox) * kx, y = (oy - ys[i]) * ky, placed = x === x && y === y;
    if (placed && length > 0) {
      const c = x | 0, before = lastX | 0;
      if (lastX < 0 || c >= width || c > before + 1) segment(columns, lastX, lastY, x, y, half);
      else {                                                    // nearly all segments of dense lines: one column, or two
        const middle = c === before ? y : lastY + ((c - lastX) / (x - lastX)) * (y - lastY);
        let high = (lastY < middle ? lastY : middle) - half, low = (lastY > middle ? lastY : middle) + half;
        if (high < top[before]) top[before] = high;
        if (low > bottom[before]) bottom[before] = low;
        high = (y < middle ? y : middle) - half;
        low = (y > middle ? y : middle) + half;
        if (high < top[c]) top[c] = high;
        if (low > bottom[c]) bottom[c] = low;
      }
    }
    if (placed) { length += 1; lastX = x; lastY = y; }
    if (placed && gap[i] === 0) continue;
    if (length === 1) alone.push(lastX, lastY);
    length = 0;
  }
  if (length === 1) alone.push(lastX, lastY);
  return alone;
}

function segment({top, bottom}, ax, ay, bx, by, half) {
  const from = ax < 0 ? 0 : ax | 0, to = bx >= top.length ? top.length - 1 : bx | 0;
  if (bx < 0 || from > to) return;
  const dx = bx - ax, slope = dx > 1e-6 ? (by - ay) / dx : 0, steep = slope < 0 ? -slope : slope;
  const soft = half * (steep > 1 ? 1.4 : 1 + 0.4 * steep);      // a slanted line is as wide, measured upright, as √(1 + slope²)
  let left = ax >= from ? ay : ay + (from - ax) * slope;
  for (let c = from; c <= to; c++) {
    const right = c + 1 < bx ? ay + (c + 1 - ax) * slope : by;
    const high = (left < right ? left : right) - soft, low = (left > right ? left : right) + soft;
    if (high < top[c]) top[c] = high;
    if (low > bottom[c]) bottom[c] = low;
    left = right;
  }
}

/**
 * Paints columns over what the image holds.
 * @param {{data: Uint8ClampedArray, width: number, height: number}} image  @param {LineColumns} columns
 * @param {[number, number, number]} color  @param {number} alpha 0…1  @param {number[]} dash lengths in device pixels along x, empty for solid
 * @param {number} wide columns that a steep line covers  @param {boolean} crisp no soft ends, for hundreds of lines, where nobody sees them
 */
export function paintColumns(image, columns, color, alpha, dash, wide, crisp = false) {
  const out = new Uint32Array(image.data.buffer), {width, height} = image, {top, bottom} = columns;
  const solid = (255 << 24) | (color[2] << 16) | (color[1] << 8) | color[0];
  const drawn = dashTable(dash), period = drawn.length;
  for (let c = 0, phase = 0; c < width; c++, phase = phase + 1 < period ? phase + 1 : 0) {
    if (drawn[phase] === 0) continue;
    let a = top[c], b = bottom[c];
    for (let k = 1; k < wide && c >= k; k++) {
      if (top[c - k] < a) a = top[c - k];
      if (bottom[c - k] > b) b = bottom[c - k];
    }
    if (!(a < b) || b <= 0 || a >= height) continue;
    if (a < 0) a = 0;
    if (b > height) b = height;
    if (crisp) { a = Math.floor(a); b = Math.max(a + 1, Math.round(b)); }
    if (alpha === 1) solidColumn(out, c, width, a, b, color, solid); else softColumn(out, c, width, a, b, color, alpha);
  }
}

/** Solid parts of columns over what the image holds, for what stands out of a band. @param {[number, number, number][]} rows column, top, bottom */
export function paintRows(image, rows, color, alpha, wide) {
  const out = new Uint32Array(image.data.buffer);
  for (const [column, top, bottom] of rows) {
    for (let c = column; c < Math.min(image.width, column + wide); c++) {
      softColumn(out, c, image.width, Math.max(0, top), Math.min(image.height, bottom), color, alpha);
    }
  }
}

/** Soft ends, and between them plain writes: most pixels of most lines. */
function solidColumn(out, c, width, a, b, color, solid) {
  const first = Math.ceil(a), last = Math.floor(b);
  if (first > last) { softColumn(out, c, width, a, b, color, 1); return; }
  if (first - a > 0.02) { const at = (first - 1) * width + c; out[at] = over(out[at], color, first - a); }
  for (let y = first, at = first * width + c; y < last; y++, at += width) out[at] = solid;
  if (b - last > 0.02) { const at = last * width + c; out[at] = over(out[at], color, b - last); }
}

function softColumn(out, c, width, a, b, color, alpha) {
  const last = Math.ceil(b) - 1;
  for (let y = Math.floor(a); y <= last; y++) {
    const cover = (b < y + 1 ? b : y + 1) - (a > y ? a : y), at = y * width + c;
    out[at] = over(out[at], color, cover * alpha);
  }
}

/** For each column of one period whether it is drawn. */
function dashTable(dash) {
  const lengths = dash.map((d) => Math.max(1, Math.round(d)));
  return Uint8Array.from(lengths.length ? lengths.flatMap((d, i) => Array(d).fill(i % 2 === 0 ? 1 : 0)) : [1]);
}

/** `color` with `alpha` over a pixel that may be transparent; image data is not premultiplied. */
function over(pixel, color, alpha) {
  const below = pixel >>> 24;
  if (below === 0) return ((alpha * 255) << 24) | (color[2] << 16) | (color[1] << 8) | color[0];
  const under = (below / 255) * (1 - alpha), sum = alpha + under, share = alpha / sum, rest = 1 - share;
  const r = (color[0] * share + (pixel & 255) * rest) | 0, g = (color[1] * share + ((pixel >> 8) & 255) * rest) | 0;
  const b = (color[2] * share + ((pixel >> 16) & 255) * rest) | 0;
  return ((sum * 255) << 24) | (b << 16) | (g << 8) | r;
}
