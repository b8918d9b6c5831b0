/**
 * Where what happened in runs lies on the x-axes of charts.
 * @module
 *
 * @typedef {{run: string, step: number, time?: number, seconds?: number, kind: string, title: string, metric?: string}} RunMark
 *   `time` in µs since 1970, `seconds` of running time
 * @typedef {{startedAt: number, ranBefore?: number}} Attempt milliseconds
 */

/** The running time of a moment: what earlier attempts ran, and since when the last one before it runs. @param {number|undefined} time µs since 1970  @param {Attempt[]} attempts */
export function runningSeconds(time, attempts) {
  if (time === undefined) return undefined;
  const attempt = attempts.findLast(({startedAt}) => startedAt * 1000 <= time) ?? attempts[0];
  const {startedAt, ranBefore = 0} = attempt ?? {};
  return startedAt === undefined ? undefined : time / 1e6 - startedAt / 1000 + ranBefore / 1000;
}

/**
 * The events that have a place on an axis, with their x as `step`.
 * @param {string} axis  @param {RunMark[]} events  @param {{runOf: (run: string) => {startedAt?: number}|undefined, derived?: import("./x-axes.js").DerivedAxis|null,
 *   columnOf?: (run: string) => import("./axis-column.js").AxisColumn|undefined}} how `columnOf` tells a metric that is the axis, by step
 */
export function eventsOn(axis, events, {runOf, derived = null, columnOf = () => undefined}) {
  if (axis === "step") return events;
  const place = derived ? (event) => (derived.base === "step" ? event.step : event.seconds) * derived.factors.get(event.run)
    : axis === "wall" ? (event) => event.time / 1e6
    : axis === "relative" ? (event) => event.time / 1e6 - runOf(event.run)?.startedAt / 1000
    : axis === "running" ? (event) => event.seconds
    : (event) => columnOf(event.run)?.at(event.step);
  return events.map((event) => ({...event, step: place(event)})).filter(({step}) => Number.isFinite(step));
}
