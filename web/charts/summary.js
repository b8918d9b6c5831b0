/**
 * A chart in words and as a table, for screen readers, copies and tests. No DOM.
 * @module
 */
import * as strings from "../strings.js";
import {formatValue, plainValue} from "./format.js";
import {axisName, formatX} from "./reading.js";
import {finiteCount} from "./trace.js";

/** @typedef {{run: string|null, name: string, metric: string, points: number, last: number, min: number, max: number, trend: string, nan: number, infinite: number, late: number, repeated: number}} TraceSummary */

/** What one trace comes to, over all of it that the chart holds. @returns {TraceSummary} */
export function summarise({data, source, y, low, high}) {
  let min = Infinity, max = -Infinity, last = NaN, first = NaN;
  for (let i = 0; i < data.bucketCount; i++) {
    if (finiteCount(data, i) <= 0) continue;
    if (Number.isNaN(first)) first = y[i];
    if (low[i] < min) min = low[i];
    if (high[i] > max) max = high[i];
    last = data.group ? y[i] : data.last[i];
  }
  if (min > max) min = max = NaN;
  return {run: source.run ?? null, name: source.name, metric: source.metric, points: data.points, last, min, max,
    trend: trendOf(first, last, max - min), nan: data.nan ?? 0, infinite: (data.positiveInfinity ?? 0) + (data.negativeInfinity ?? 0), late: data.late ?? 0, repeated: source.repeated ?? 0};
}

function trendOf(first, last, span) {
  if (!Number.isFinite(first) || !Number.isFinite(last)) return strings.chart.trendUnknown;
  if (Math.abs(last - first) <= 0.05 * span || span === 0) return strings.chart.trendLevel;
  return last > first ? strings.chart.trendRising : strings.chart.trendFalling;
}

/** The chart's name: `train/loss, 12 runs, step 0 – 2 000`. */
export function chartName(title, count, model) {
  const what = strings.chart.nameOf({title: title || strings.chart.untitled, count});
  if (!count) return what;
  const kind = model.options.x;
  return `${what}, ${axisName(kind)} ${formatX(kind, model.full?.[0] ?? 0, model.options)} – ${formatX(kind, model.full?.[1] ?? 1, model.options)}`;
}

/** One sentence for each line; the first eight, and how many more. */
export function summaryText(summaries) {
  const sentences = summaries.slice(0, 8).map((s) => {
    const bad = [s.nan ? `${s.nan} NaN` : "", s.infinite ? strings.chart.infiniteCount({count: s.infinite}) : ""].filter(Boolean).join(", ");
    return strings.chart.summary({name: s.name, last: formatValue(s.last), min: formatValue(s.min), max: formatValue(s.max), trend: s.trend, bad: bad ? `, ${bad}` : ""});
  });
  if (summaries.length > 8) sentences.push(strings.chart.moreLinesSentence({count: summaries.length - 8}));
  return sentences.join(" ");
}

/** All buckets in view as CSV, ASCII, all digits; the header names the x-axis. */
export function tracesAsCSV(traces, xKind, [low, high]) {
  const head = ["run", "name", "metric", `${axisName(xKind)}_first`, `${axisName(xKind)}_last`, "count", "mean", "min", "max", "last", "smoothed", "nan", "inf"];
  const lines = [head.map(quote).join(",")];
  for (const {data, source, y, faint} of traces) {
    for (let i = 0; i < data.bucketCount; i++) {
      if (data.x1[i] < low || data.x0[i] > high) continue;
      lines.push([source.run ?? "", source.name, source.metric, data.x0[i], data.x1[i], data.count[i], plainValue(data.mean[i]), plainValue(data.min[i]),
        plainValue(data.max[i]), plainValue(data.last[i]), faint ? plainValue(y[i]) : "", data.nanCount[i],
        data.positiveInfinityCount[i] + data.negativeInfinityCount[i]].map(quote).join(","));
    }
  }
  return lines.join("\r\n") + "\r\n";
}

/** A CSV field. Text that a spreadsheet would run as a formula gets a quote in front. */
export function quote(value) {
  if (typeof value === "number") return String(value);
  let text = String(value ?? "");
  if (/^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text))) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** All buckets as JSON; what is not finite is a word. */
export function tracesAsJSON(traces) {
  const words = (column) => Array.from(column, (v) => (Number.isNaN(v) ? "NaN" : v === Infinity ? "Infinity" : v === -Infinity ? "-Infinity" : v));
  return JSON.stringify(traces.map(({source, data}) => ({run: source.run, name: source.name, metric: source.metric,
    ...Object.fromEntries(["x0", "x1", "count", "mean", "min", "max", "last"].map((name) => [name, words(data[name])]))})));
}
