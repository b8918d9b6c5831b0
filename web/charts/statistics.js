/**
 * Small statistics of scatter charts. No DOM.
 * @module
 */

/**
 * The least-squares line through points, and the correlation of Pearson. O(n)
 * @param {[number, number][]} points finite  @returns {{slope: number, intercept: number, correlation: number}|null} null without spread in x
 */
export function leastSquares(points) {
  const n = points.length;
  if (n < 2) return null;
  const mean = (k) => points.reduce((sum, p) => sum + p[k], 0) / n;
  const mx = mean(0), my = mean(1);
  let xx = 0, xy = 0, yy = 0;
  for (const [x, y] of points) { xx += (x - mx) ** 2; xy += (x - mx) * (y - my); yy += (y - my) ** 2; }
  if (!(xx > 0)) return null;
  const slope = xy / xx;
  return {slope, intercept: my - slope * mx, correlation: yy > 0 ? xy / Math.sqrt(xx * yy) : 0};
}

/** Diameters of points: of the same, of those without a value, of the least and the greatest. */
const SAME = 9, MISSING = 3, LEAST = 5, GREATEST = 22;

/**
 * Diameters of points whose areas grow with their values, from the least of them to the greatest. O(n)
 * @param {(number|undefined)[]} values  @returns {number[]} the same for all where the values do not differ; a dot where there is none
 */
export function diameters(values) {
  const numbers = values.filter((value) => Number.isFinite(value)), low = Math.min(...numbers), high = Math.max(...numbers);
  if (!numbers.length) return values.map(() => SAME);
  return values.map((value) => (!Number.isFinite(value) ? MISSING : high > low ? LEAST + (GREATEST - LEAST) * Math.sqrt((value - low) / (high - low)) : SAME));
}

/**
 * Points that no other point beats in both goals, by ascending x. O(n log n)
 * Source: Kung, Luccio, Preparata, *On Finding the Maxima of a Set of Vectors* (1975).
 * @template {{x: number, y: number}} P  @param {P[]} points  @param {"min"|"max"} xGoal  @param {"min"|"max"} yGoal  @returns {P[]}
 */
export function paretoFront(points, xGoal, yGoal) {
  const sx = xGoal === "min" ? 1 : -1, sy = yGoal === "min" ? 1 : -1;
  const sorted = points.filter(({x, y}) => Number.isFinite(x) && Number.isFinite(y)).sort((a, b) => sx * (a.x - b.x) || sy * (a.y - b.y));
  const front = [];
  let best = Infinity;
  for (const point of sorted) {
    if (sy * point.y >= best) continue;
    best = sy * point.y;
    front.push(point);
  }
  return front.sort((a, b) => a.x - b.x);
}
