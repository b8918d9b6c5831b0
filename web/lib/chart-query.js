/**
 * What a chart asks the server, and what it says when there is nothing to draw.
 * @module
 */
import {isValidation} from "./sections.js";

const FEW_POINTS = 50, MOST_BUCKETS = 2000;
/** What is drawn, read off and written to files; without the first value of each bucket an answer is a seventh smaller. */
const COLUMNS = ["count", "min", "max", "mean", "last", "nanCount", "positiveInfinityCount", "negativeInfinityCount", "smoothed", "low", "high", "runs"];

/** The smoothing of a metric: its own, else the workspace's, but none for validation metrics and short ones. */
export function smoothingOf(metric, view, points = Infinity) {
  const own = view.charts[metric]?.smoothing;
  if (own) return own.amount > 0 ? own : null;
  if (isValidation(metric) || points <= FEW_POINTS) return null;
  return view.smoothing.amount > 0 ? view.smoothing : null;
}

/** The x-range of a chart: its own, or the one that all share. */
export const rangeOf = (metric, view) => (view.link ? view.range : view.charts[metric]?.range ?? null);

const isGrouped = (view) => view.grouped && view.groupBy.length > 0;

/** The run that the others are drawn against, or empty. */
export const baselineOf = (view) => (view.against && view.baseline && !isGrouped(view) ? view.baseline : "");

/** Whether the runs are drawn behind the lines of their groups. */
export const showsMembers = (view) => view.members && isGrouped(view);

export const axisOf = (metric, view) => view.charts[metric]?.x ?? view.x;

/** The view of a chart whose metric declares what it is drawn over: that is its x-axis unless somebody chose another. @param {string|undefined} declared a metric */
export function withDeclaredAxis(metric, view, declared) {
  if (!declared || view.x !== "step" || view.charts[metric]?.x) return view;
  return {...view, charts: {...view.charts, [metric]: {...view.charts[metric], x: `metric:${declared}`}}};
}

/** The axis as it is drawn: of runs set side by side it is a span, or the share of each run. */
export function drawnAxis(metric, view) {
  const axis = axisOf(metric, view);
  if (view.align === "percent") return "metric:% of the run";
  return view.align === "first" && axis === "wall" ? "relative" : axis;
}

/**
 * The series question of one metric in a view.
 * @param {{metric: string, runs: string[], view: any, width: number, points?: number}} what `width` in CSS pixels
 */
export function questionOf({metric, runs: shown, view, width, points}) {
  const runs = baselineOf(view) && !shown.includes(view.baseline) ? [...shown, view.baseline] : shown;
  const own = view.charts[metric] ?? {};
  // Runs that are set side by side have no common range to ask for: they come whole, in the most buckets there are.
  const range = view.align ? null : rangeOf(metric, view);
  const smoothing = smoothingOf(metric, view, points);
  return {
    runs, metric, x: axisOf(metric, view), buckets: view.align ? MOST_BUCKETS : bucketsFor(width), columns: COLUMNS,
    ...(range ? {from: range[0], to: range[1]} : {}),
    ...(own.xScale === "log" ? {scale: "log"} : {}),
    ...(smoothing ? {smoothing} : {}),
    ...(isGrouped(view) ? {group: {by: view.groupBy, aggregate: view.aggregate, band: view.band}} : {}),
  };
}

// Steps of 250, so that a window that is dragged wider does not ask at each pixel.
const bucketsFor = (width) => Math.max(250, Math.min(MOST_BUCKETS, Math.ceil(width / 250) * 250));

/** Why a chart is empty, in words with the way on; `null` if it is not. */
export function emptyMessage({runs, missing, series, x}) {
  if (series.some((each) => each.bucketCount > 0)) return null;
  if (runs.length === 0) return "No run is shown. Choose runs in the list beside.";
  const noX = missing.filter((entry) => entry.reason === "no_x").length;
  if (noX) return `x-axis ${x.replace(/^metric:/, "")} is missing in ${noX} of ${runs.length} shown runs. Use step.`;
  if (series.length > 0) return "No points in this range. Double-click to see all.";
  return `None of the ${runs.length} shown runs logs this.`;
}
