/**
 * Strokes lines. More than two vertices for a pixel column are reduced to four (first, least, greatest, last), which draws the same pixels.
 * Source: Jugel et al., *M4: A Visualization-Oriented Time Series Data Aggregation* (2014).
 * @module
 */
import {visibleIndices} from "./extent.js";

/** Below this many points in view each gets a marker. */
export const MARKER_LIMIT = 60;

/**
 * Adds the line to the context's path, in device pixels.
 * @param {{moveTo: Function, lineTo: Function}} path  @param {object} trace  @param {Float64Array} xs places  @param {Float64Array} ys places
 * @param {import("./paint-envelope.js").View} view
 * @returns {number[]} x and y, one after the other, of points that stand alone between gaps
 */
export function linePath(path, trace, xs, ys, view) {
  const [from, to] = visibleIndices(trace, view.low, view.high);
  const start = Math.max(0, from - 1), end = Math.min(trace.data.bucketCount, to + 1);
  const pen = new Pen(path, end - start > 2 * view.width);
  const kx = view.width / (view.x1 - view.x0), ky = view.height / (view.y1 - view.y0);
  for (let i = start; i < end; i++) {
    const y = (view.y1 - ys[i]) * ky, x = (xs[i] - view.x0) * kx;
    if (y !== y || x !== x) { pen.lift(); continue; }
    pen.to(x, y < -1e5 ? -1e5 : y > 1e5 ? 1e5 : y);
    if (trace.gap[i]) pen.lift();
  }
  pen.lift();
  return pen.alone;
}

class Pen {
  constructor(path, reduce) {
    this.path = path;
    this.reduce = reduce;
    this.alone = [];
    this.length = 0;
    this.column = NaN;
  }

  to(x, y) {
    if (this.length === 0) { this.path.moveTo(x, y); this.begin(x, y); this.length = 1; return; }
    this.length += 1;
    if (!this.reduce) { this.path.lineTo(x, y); return; }
    if (Math.floor(x) !== this.column) { this.flush(); this.path.lineTo(x, y); this.begin(x, y); return; }
    if (y < this.low) this.low = y;
    if (y > this.high) this.high = y;
    this.lastX = x;
    this.lastY = y;
  }

  begin(x, y) {
    this.column = Math.floor(x);
    this.lastX = x;
    this.lastY = this.low = this.high = y;
    this.firstX = x;
    this.firstY = y;
  }

  flush() {
    if (this.lastX === this.firstX && this.low === this.high) return;
    this.path.lineTo(this.firstX, this.low);
    this.path.lineTo(this.firstX, this.high);
    this.path.lineTo(this.lastX, this.lastY);
  }

  lift() {
    if (this.length === 1) this.alone.push(this.firstX, this.firstY);
    if (this.length > 1 && this.reduce) this.flush();
    this.length = 0;
  }
}

/** Whether each point gets a marker: few, and each bucket is one point. */
export function hasMarkers(trace, view) {
  const [from, to] = visibleIndices(trace, view.low, view.high);
  return to - from < MARKER_LIMIT && !trace.banded && trace.data.count.subarray(from, to).every((count) => count <= 1);
}

/** Markers shrink where points are near to each other, so that they do not become a sausage. Device pixels. */
export function markerRadius(trace, view) {
  const [from, to] = visibleIndices(trace, view.low, view.high), {x} = trace;
  const width = to - from > 1 ? ((x[to - 1] - x[from]) / (view.high - view.low)) * view.width : Infinity;
  return Math.max(1.4 * view.ratio, Math.min(2.5 * view.ratio, (0.32 * width) / (to - from - 1)));
}

/** Dots of `radius` device pixels at each place in view. */
export function markerPath(path, trace, xs, ys, view, radius) {
  const [from, to] = visibleIndices(trace, view.low, view.high);
  const kx = view.width / (view.x1 - view.x0), ky = view.height / (view.y1 - view.y0);
  for (let i = from; i < to; i++) dot(path, (xs[i] - view.x0) * kx, (view.y1 - ys[i]) * ky, radius);
}

/** Adds one dot to a path. */
export function dot(path, x, y, radius) {
  if (y !== y || x !== x) return;
  path.moveTo(x + radius, y);
  path.arc(x, y, radius, 0, 2 * Math.PI);
}
