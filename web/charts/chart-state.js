/**
 * The state of a chart as plain data, for tests and bug reports.
 * @module
 */
import {hasMarkers} from "./paint-lines.js";
import {visibleIndices} from "./extent.js";
import {summarise} from "./summary.js";
import {rowOf} from "./reading.js";

/** @returns {object} JSON-able but for NaN and ±∞ */
export function debugState({model, options, view, area, hits, reading, pinned, moving, interactive, loading, message, paints, paintMs, marks, lit, tip}) {
  const series = model.traces.map((trace) => describe(trace, view));
  return {
    ready: view !== null, title: options.title ?? "", series, pointsDrawn: series.reduce((sum, s) => sum + s.buckets, 0),
    xKind: options.x ?? "step", xScale: model.xScale.kind, yScale: model.yScale.kind,
    xRange: [...model.x], yRange: [...model.y], full: model.full ? [...model.full] : null, range: model.range, zoomed: Boolean(model.range || model.yRange),
    nearest: hits[0] ? rowOf(hits[0]) : null, rows: hits.map(rowOf), crosshair: (pinned ?? reading)?.x ?? null, highlighted: lit,
    pinned: pinned !== null, tooltip: tip, moving, interactive, loading, message, marks, unplaced: model.unplaced, disturbed: model.disturbed, dropped: model.dropped,
    outliers: model.outliers, smoothing: options.smoothing ?? null, area, paints, paintMs,
    ticks: {x: model.xTicks(6).labels, y: model.yTicks(6).labels},
  };
}

function describe(trace, view) {
  const [from, to] = view ? visibleIndices(trace, view.low, view.high) : [0, trace.data.bucketCount];
  let min = Infinity, max = -Infinity;
  for (let i = from; i < to; i++) {
    if (trace.low[i] < min) min = trace.low[i];
    if (trace.high[i] > max) max = trace.high[i];
  }
  const {source, data} = trace;
  return {...summarise(trace), color: source.color, member: Boolean(source.member), dash: source.dash ?? 0, raw: data.raw, bucketCount: data.bucketCount, buckets: to - from,
    visibleMin: min, visibleMax: max, banded: trace.banded, smoothed: trace.faint !== null, markers: view ? hasMarkers(trace, view) : false};
}
