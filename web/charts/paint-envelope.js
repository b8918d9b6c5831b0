/**
 * Paints the min–max bands of many runs at once: each pixel column of each run is one interval; the intervals of a column are
 * counted by differences and summed downwards, so that the cost is runs × columns + pixels, however tall the bands are.
 * @module
 * @typedef {object} View places at the edges, and the size in device pixels
 * @property {number} x0  @property {number} x1  @property {number} y0  @property {number} y1
 * @property {number} width  @property {number} height  @property {number} ratio
 */
import {visibleIndices} from "./extent.js";

/** Opacity of one band. Where k bands lie on each other it is 1 − 0.82ᵏ, in the mean of their colours. */
export const BAND_OPACITY = 0.18;
const NONE = 32767;

/** Top and bottom row of the band in each pixel column. */
export class Columns {
  constructor(width) {
    this.top = new Int16Array(width);
    this.bottom = new Int16Array(width);
  }
}

/**
 * Reduces one band to pixel columns: each bucket fills the columns it touches, gaps between buckets are bridged unless the line breaks.
 * @param {object} trace  @param {object} places of `placesOf`  @param {View} view  @param {Columns} columns written
 * @returns {boolean} whether any column is taller than a pixel
 */
export function bandColumns(trace, places, view, columns) {
  columns.top.fill(NONE);
  columns.bottom.fill(-1);
  const [from, to] = visibleIndices(trace, view.low, view.high);
  const start = Math.max(0, from - 1), end = Math.min(trace.data.bucketCount, to + 1);
  const kx = view.width / (view.x1 - view.x0), ky = view.height / (view.y1 - view.y0);
  const {x0, x1, high, low} = places, {gap} = trace, tops = columns.top, bottoms = columns.bottom, last = tops.length - 1, ox = view.x0, oy = view.y1;
  let joined = false, lastX = 0, lastTop = 0, lastBottom = 0, tall = false;
  for (let i = start; i < end; i++) {
    const top = (oy - high[i]) * ky, bottom = (oy - low[i]) * ky;
    if (!(top <= bottom)) { joined = false; continue; }
    const a = (x0[i] - ox) * kx, b = (x1[i] - ox) * kx;
    const t = top < -1 ? -1 : top > 16000 ? 16000 : top | 0, l = bottom < -1 ? -1 : bottom > 16000 ? 16000 : bottom | 0;
    if (bottom - top >= 1) tall = true;
    if (joined && a - lastX > 1) bridge(columns, lastX, lastTop, lastBottom, a, top, bottom);
    const to = b < 0 ? -1 : b > last ? last : b | 0;
    for (let c = a < 0 ? 0 : a > last + 1 ? last + 1 : a | 0; c <= to; c++) {
      if (t < tops[c]) tops[c] = t;
      if (l > bottoms[c]) bottoms[c] = l;
    }
    joined = gap[i] === 0;
    lastX = b; lastTop = top; lastBottom = bottom;
  }
  return tall;
}

function bridge(columns, a, topA, bottomA, b, topB, bottomB) {
  const from = Math.max(0, Math.floor(a) + 1), to = Math.min(columns.top.length - 1, Math.floor(b) - 1);
  if (to < from) return;
  const width = b - a;
  for (let c = from; c <= to; c++) {
    const t = (c + 0.5 - a) / width;
    const high = clamp16(topA + (topB - topA) * t), low = clamp16(bottomA + (bottomB - bottomA) * t);
    if (high < columns.top[c]) columns.top[c] = high;
    if (low > columns.bottom[c]) columns.bottom[c] = low;
  }
}

const clamp16 = (v) => (v < -16000 ? -16000 : v > 16000 ? 16000 : Math.floor(v));

// Three sums share one double, exactly: how many bands, their red and their green; up to 4 096 bands. Blue has its own.
const COUNT = 2 ** 40, RED = 2 ** 20;

/**
 * Paints bands into `image`, which must be `width × height` and is overwritten.
 * @param {{columns: Columns, color: [number, number, number]}[]} bands  @param {{data: Uint8ClampedArray, width: number, height: number}} image
 */
export function rasterise(bands, image) {
  const {width, height} = image, out = new Uint32Array(image.data.buffer), alpha = opacities(bands.length);
  const tops = bands.map(({columns}) => columns.top), bottoms = bands.map(({columns}) => columns.bottom);
  const packed = Float64Array.from(bands, ({color: [r, g]}) => COUNT + r * RED + g), blue = Int32Array.from(bands, ({color}) => color[2]);
  const sums = new Float64Array(height + 1), blues = new Int32Array(height + 1);
  out.fill(0);
  for (let c = 0; c < width; c++) {
    let first = height, last = -1;
    for (let k = 0; k < tops.length; k++) {
      let top = tops[k][c], bottom = bottoms[k][c];
      if (top > bottom || bottom < 0 || top >= height) continue;
      if (top < 0) top = 0;
      if (bottom >= height) bottom = height - 1;
      sums[top] += packed[k];
      blues[top] += blue[k];
      sums[bottom + 1] -= packed[k];
      blues[bottom + 1] -= blue[k];
      if (top < first) first = top;
      if (bottom > last) last = bottom;
    }
    if (first <= last) sumColumn(out, c, width, first, last, sums, blues, alpha);
  }
}

function sumColumn(out, c, width, first, last, sums, blues, alpha) {
  let sum = 0, blue = 0, pixel = 0;
  for (let y = first, at = first * width + c; y <= last; y++, at += width) {
    if (sums[y] !== 0 || blues[y] !== 0) {
      sum += sums[y];
      blue += blues[y];
      sums[y] = blues[y] = 0;
      const count = Math.floor(sum / COUNT), rest = sum - count * COUNT, red = Math.floor(rest / RED), green = rest - red * RED;
      pixel = count > 0 ? (alpha[count] << 24) | (((blue / count) | 0) << 16) | (((green / count) | 0) << 8) | ((red / count) | 0) : 0;
    }
    out[at] = pixel;
  }
  sums[last + 1] = blues[last + 1] = 0;
}

function opacities(count) {
  const table = new Uint8Array(count + 1);
  for (let k = 1; k <= count; k++) table[k] = Math.round(255 * (1 - (1 - BAND_OPACITY) ** k));
  return table;
}

/** Neighbours on each side that a bucket is compared with. */
const BESIDE = 4;
/** What stands out less than this is seen in the band; CSS pixels. */
const LEAST = 8;

/**
 * Where a band stands out from its neighbourhood, as `[column, top, bottom]`: one faint column of a band could be overlooked, so these are
 * stroked. Noise does not count: a bucket must reach beyond all but one of its eight neighbours by half their mean height.
 * @returns {[number, number, number][]} in device pixels. O(buckets) once for each scale, then O(what stands out)
 */
export function standouts(trace, places, view) {
  places.standouts ??= findStandouts(places, trace.data.bucketCount);
  const kx = view.width / (view.x1 - view.x0), ky = view.height / (view.y1 - view.y0), rows = [];
  for (const [i, from, to] of places.standouts) {
    if ((to - from) * ky < LEAST * view.ratio) continue;
    const column = Math.floor(((places.x0[i] + places.x1[i]) / 2 - view.x0) * kx);
    if (column >= 0 && column < view.width) rows.push([column, (view.y1 - to) * ky, (view.y1 - from) * ky]);
  }
  return rows;
}

/** @returns {[number, number, number][]} bucket, and the places between which it stands out */
function findStandouts({high, low}, n) {
  const found = [];
  for (let i = 0; i < n; i++) {
    const under = high[i] < high[i - 1] || high[i] < high[i + 1], over = low[i] > low[i - 1] || low[i] > low[i + 1];
    if (under && over) continue;                                // most buckets: neither the highest nor the lowest around
    let high1 = -Infinity, high2 = -Infinity, low1 = Infinity, low2 = Infinity, heights = 0, count = 0;
    for (let k = i < BESIDE ? 0 : i - BESIDE, last = i + BESIDE < n ? i + BESIDE : n - 1; k <= last; k++) {
      const h = high[k], l = low[k];
      if (k === i || !(h >= l)) continue;
      if (h > high1) { high2 = high1; high1 = h; } else if (h > high2) high2 = h;
      if (l < low1) { low2 = low1; low1 = l; } else if (l < low2) low2 = l;
      heights += h - l;
      count++;
    }
    if (count < 3) continue;
    const need = (0.5 * heights) / count;
    if (high[i] - high2 > need) found.push([i, high2, high[i]]);
    if (low2 - low[i] > need) found.push([i, low[i], low2]);
  }
  return found;
}
