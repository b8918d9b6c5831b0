/**
 * What is read off a chart: x in words, and the facts of a bucket. No DOM.
 * @module
 */
import * as strings from "../strings.js";
import {formatDuration, formatStep, formatTime, formatValue} from "./format.js";
import {finiteCount} from "./trace.js";

/** Words for an x-value on this axis. */
export function formatX(kind, x, options = {}) {
  if (kind === "wall") return formatTime(x * 1000, {utc: options.utc, seconds: true});
  if (kind === "relative" || kind === "running") return formatDuration(x);
  return kind === "step" || !kind ? formatStep(Math.round(x * 1e6) / 1e6) : formatValue(x, 6);
}

/** The name of an x-axis. */
export const axisName = (kind) =>
  kind === "wall" ? strings.axes.timeWord : kind === "running" ? strings.axes.runningTimeWord : kind === "relative" ? strings.axes.sinceStart : kind?.startsWith("metric:") ? kind.slice(7) : !kind || kind === "step" ? strings.axes.stepWord : kind;

/**
 * The facts of one row. @param {{trace: object, index: number}} hit
 * @returns {{run, name, metric, color, dash, value: number, smoothed: number|null, low: number|null, high: number|null, x0: number, x1: number, count: number, words: string[], runs: number|null}}
 */
export function rowOf({trace, index}) {
  const {data, source} = trace;
  const words = [[data.nanCount[index], "NaN"], [data.positiveInfinityCount[index], "+Inf"], [data.negativeInfinityCount[index], "\u2212Inf"]]
    .filter(([count]) => count > 0).map(([count, word]) => (data.count[index] > 1 ? `${count} ${word}` : word));
  const value = (trace.faint ?? trace.y)[index];
  const banded = trace.low[index] !== trace.high[index] && finiteCount(data, index) > 0;
  return {run: source.run, name: source.name, metric: source.metric, color: source.color, dash: source.dash ?? 0, value,
    smoothed: trace.faint ? trace.y[index] : null, low: banded ? trace.low[index] : null, high: banded ? trace.high[index] : null,
    x0: data.x0[index], x1: data.x1[index], count: data.count[index], words, runs: data.runs ? data.runs[index] : null};
}
