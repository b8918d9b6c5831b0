/**
 * Which run is under the pointer, and what each run's value is at an x.
 * @module
 */
import {firstIndexAtOrAfter} from "./series-merge.js";
import {placesOf} from "./trace.js";

/** Runs farther from the pointer than this many CSS pixels are not meant. */
export const REACH = 40;

/** The bucket nearest to `x` (a value), or −1. O(log n) */
export function bucketAt({data}, x) {
  const n = data.bucketCount;
  if (!n) return -1;
  const i = firstIndexAtOrAfter(data.x1, x);
  if (i >= n) return n - 1;
  if (i === 0 || data.x0[i] <= x) return i;
  return x - data.x1[i - 1] <= data.x0[i] - x ? i - 1 : i;
}

/**
 * Runs by distance from a point. The distance is to the line; a point on the band alone counts 6 px more.
 * @param {import("./chart-model.js").ChartModel} model  @param {import("./paint-envelope.js").View} view
 * @param {number} px @param {number} py in the view's pixels
 * @returns {{trace: object, index: number, distance: number}[]} nearest first; runs without a point near x are left out
 */
export function nearestRuns(model, view, px, py) {
  const x = model.xScale.inverse(view.x0 + (px / view.width) * (view.x1 - view.x0));
  const hits = [];
  for (const trace of model.told) {
    const index = bucketAt(trace, x);
    if (index < 0) continue;
    const places = placesOf(trace, model.xScale, model.yScale);
    if (!(aside(places, index, view, px) <= REACH * view.ratio)) continue;
    hits.push({trace, index, distance: distanceTo(trace, places, index, view, px, py)});
  }
  return hits.sort((a, b) => a.distance - b.distance);
}

/** How far left or right of a bucket the pointer is: a run that ended long before is not meant. */
function aside(places, i, view, px) {
  const kx = view.width / (view.x1 - view.x0);
  return Math.max((places.x0[i] - view.x0) * kx - px, 0, px - (places.x1[i] - view.x0) * kx);
}

function distanceTo(trace, places, index, view, px, py) {
  const kx = view.width / (view.x1 - view.x0), ky = view.height / (view.y1 - view.y0);
  const at = (i, column) => [(places.x[i] - view.x0) * kx, (view.y1 - column[i]) * ky];
  let best = Infinity;
  for (let i = Math.max(0, index - 1); i <= Math.min(trace.data.bucketCount - 1, index + 1); i++) {
    const here = at(i, places.y);
    best = Math.min(best, distance(Math.hypot(here[0] - px, here[1] - py)));
    if (i > 0 && !trace.gap[i - 1]) best = Math.min(best, distance(toSegment(at(i - 1, places.y), here, px, py)));
  }
  return Math.min(best, bandDistance(places, index, view, kx, ky, px, py) + 6 * view.ratio);
}

const distance = (d) => (Number.isNaN(d) ? Infinity : d);

function bandDistance(places, i, view, kx, ky, px, py) {
  const left = (places.x0[i] - view.x0) * kx, right = (places.x1[i] - view.x0) * kx;
  const top = (view.y1 - places.high[i]) * ky, bottom = (view.y1 - places.low[i]) * ky;
  const dx = Math.max(left - px, 0, px - right), dy = Math.max(top - py, 0, py - bottom);
  return distance(Math.hypot(dx, dy));
}

function toSegment([ax, ay], [bx, by], px, py) {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const t = length > 0 ? Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / length)) : 0;
  return Math.hypot(ax + t * dx - px, ay + t * dy - py);
}
