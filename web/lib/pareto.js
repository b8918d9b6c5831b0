/** Which way two columns are best, if both are metrics with a goal: runs that no other beats in both make the Pareto front. @module */
import {metricOf} from "./columns.js";

/**
 * @param {string} x key of a column  @param {string} y  @param {{name: string, goal?: "minimize"|"maximize"}[]} metrics
 * @returns {{x: "min"|"max", y: "min"|"max"}|null} null where one has no goal
 */
export function frontOf(x, y, metrics) {
  const [ofX, ofY] = [x, y].map((key) => (key.startsWith("summary.") ? metrics.find(({name}) => name === metricOf(key).metric)?.goal : undefined));
  const way = (goal) => (goal === "minimize" ? "min" : "max");
  return ofX && ofY ? {x: way(ofX), y: way(ofY)} : null;
}
