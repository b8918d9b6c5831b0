/**
 * What a chart asks the server, and what it says when there is nothing to draw.
 * @module
 */
import * as strings from "../strings.js";
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

/** The view of a chart that is drawn over another axis than it says. @param {string} metric  @param {any} view  @param {string} x */
export const withAxis = (metric, view, x) => ({...view, charts: {...view.charts, [metric]: {...view.charts[metric], x}}});

/** The view of a chart whose metric declares what it is drawn over: that is its x-axis unless somebody chose another. @param {string|undefined} declared a metric */
export function withDeclaredAxis(metric, view, declared) {
  if (!declared || view.x !== "step" || view.charts[metric]?.x) return view;
  return withAxis(metric, view, `metric:${declared}`);
}

/** The axis as it is drawn: of runs set side by side it is a span, or the share of each run. @param {{name: string}|null} derived */
export function drawnAxis(metric, view, derived = null) {
  const axis = derived ? `metric:${derived.name}` : axisOf(metric, view);
  if (view.align === "percent") return `metric:${strings.axes.shareOfRun}`;
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

// In steps, so that a window that is dragged wider does not ask at each pixel; narrow charts, of which a page has many, in smaller ones.
function bucketsFor(width) {
  const step = width > 500 ? 250 : 50;
  return Math.max(250, Math.min(MOST_BUCKETS, Math.ceil(width / step) * step));
}

/**
 * Which of the shown runs a chart lacks, and why; `null` if it has all. With the way on: `useStep` where another axis is what is missing.
 * @param {{runs: string[], metrics: string[], missing: {run: string, metric: string, reason: string}[], x: string}} what
 * @returns {{text: string, useStep: boolean}|null}
 */
export function missingNote({runs, metrics, missing, x}) {
  const reasons = new Map();
  for (const {run, reason} of missing) reasons.set(run, [...(reasons.get(run) ?? []), reason]);
  // A run that logs one of several metrics is there.
  const lacking = [...reasons].filter(([run, all]) => runs.includes(run) && all.length >= metrics.length).map(([, all]) => all);
  const count = (reason) => lacking.filter((all) => all.includes(reason)).length, noX = count("no_x"), damaged = count("damaged"), gone = lacking.length - noX - damaged;
  const words = [];
  if (gone) words.push(gone === runs.length ? (gone === 1 ? strings.chart.notLogged : strings.chart.noneLogs({count: gone})) : strings.chart.someLog({some: runs.length - gone, all: runs.length}));
  if (noX) words.push(strings.chart.axisMissing({axis: x.replace(/^metric:/, ""), count: noX, total: gone ? 0 : runs.length}));
  if (damaged) words.push(strings.chart.damaged({count: damaged}));
  return words.length ? {text: words.join(" · "), useStep: noX > 0} : null;
}

/**
 * Why a chart is empty, in words with the way on; `null` if it is not.
 * @param {{runs: string[], metrics: string[], missing: {run: string, metric: string, reason: string}[], series: {bucketCount: number}[], x: string}} what
 */
export function emptyMessage({runs, metrics, missing, series, x}) {
  if (series.some((each) => each.bucketCount > 0)) return null;
  if (runs.length === 0) return strings.chart.noRunShown;
  if (series.length > 0) return strings.chart.noPointsInRange;
  return `${missingNote({runs, metrics, missing, x})?.text ?? strings.chart.nothingLogged}.`;
}
