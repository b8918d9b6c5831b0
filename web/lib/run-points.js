/** Runs as the points of a scatter chart, by the keys of two columns, or three. @module */
import {columnOf} from "./columns.js";
import {frontOf} from "./pareto.js";

/** Fewer points have no trend worth a line. */
const TREND = 3;

/**
 * @param {object[]} runs  @param {{x: string, y: string, size?: string, log?: string}} keys `log` names the axes that are logarithmic if their values allow it: "x", "y", "xy"
 * @param {(run: object) => string} color  @param {{name: string, goal?: "minimize"|"maximize"}[]} metrics
 * @returns {{data: object[], positive: {x: boolean, y: boolean}, options: object}} what `<scatter-chart>` takes, and which axes may be logarithmic
 */
export function scatterOf(runs, keys, color, metrics) {
  const [x, y, size] = [keys.x, keys.y, keys.size].map((key) => (key ? columnOf(key) : null));
  const data = runs.map((run) => ({run: run.id, name: run.name, color: color(run), x: x.value(run), y: y.value(run), ...(size && {size: size.value(run)})}))
    .filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
  const positive = {x: data.every((point) => point.x > 0), y: data.every((point) => point.y > 0)};
  const scale = (axis) => (keys.log?.includes(axis) && positive[axis] ? "log" : "linear");
  return {data, positive, options: {xName: x.label, yName: y.label, sizeName: size?.label, xScale: scale("x"), yScale: scale("y"), trend: data.length >= TREND, pareto: frontOf(keys.x, keys.y, metrics)}};
}

/** The axes that are logarithmic, when one of them is turned: "x" and y give "xy", and no axis is a word of its own. */
export function withLog(log, axis, on) {
  const axes = ["x", "y"].filter((each) => (each === axis ? on : log.includes(each))).join("");
  return axes || "none";
}
