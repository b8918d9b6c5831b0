/**
 * Marks at the edge of the plot: values that have no place (NaN, ±Inf), points outside the shown range, events of runs.
 * @module
 */
import {visibleIndices} from "./extent.js";

/** Marks of one kind nearer than this are one mark; CSS pixels. */
const SPACING = 10;

/**
 * Places of the marks of one trace, thinned so that they never smear.
 * @returns {{kind: "nan"|"positive"|"negative"|"above"|"below", x: number, count: number}[]} x in the view's pixels
 */
export function edgeMarks(trace, places, view, outliers) {
  const {data} = trace, marks = [], last = {};
  if (!outliers && !data.nan && !data.positiveInfinity && !data.negativeInfinity) return marks;     // nearly all traces
  const [from, to] = visibleIndices(trace, view.low, view.high);
  const kx = view.width / (view.x1 - view.x0);
  const add = (kind, i, count) => {
    const x = (places.x[i] - view.x0) * kx;
    if (!Number.isFinite(x)) return;
    if (last[kind] && x - last[kind].x < SPACING * view.ratio) { last[kind].count += count; return; }
    marks.push(last[kind] = {kind, x, count});
  };
  for (let i = from; i < to; i++) {
    if (data.nanCount[i]) add("nan", i, data.nanCount[i]);
    if (data.positiveInfinityCount[i]) add("positive", i, data.positiveInfinityCount[i]);
    if (data.negativeInfinityCount[i]) add("negative", i, data.negativeInfinityCount[i]);
    if (outliers && places.high[i] > view.y1) add("above", i, 1);
    if (outliers && places.low[i] < view.y0) add("below", i, 1);
  }
  return marks;
}

/** Draws marks in the colour of the run, with an outline of the background so that they stay visible on lines. */
export function paintMarks(context, marks, view, color, background) {
  const r = view.ratio;
  context.save();
  context.lineJoin = "round";
  for (const {kind, x} of marks) {
    const top = kind === "positive" || kind === "above";
    const y = top ? 6 * r : view.height - 6 * r;
    context.beginPath();
    if (kind === "nan") cross(context, x, y, 3.5 * r); else triangle(context, x, y, 4 * r, top ? -1 : 1, kind === "above" || kind === "below");
    context.strokeStyle = background;
    context.lineWidth = (kind === "nan" ? 4.5 : 3) * r;
    context.stroke();
    if (kind === "nan") { context.strokeStyle = color; context.lineWidth = 1.8 * r; context.stroke(); continue; }
    context.fillStyle = color;
    context.fill();
  }
  context.restore();
}

function cross(context, x, y, s) {
  context.moveTo(x - s, y - s); context.lineTo(x + s, y + s);
  context.moveTo(x + s, y - s); context.lineTo(x - s, y + s);
}

function triangle(context, x, y, s, direction, flat) {
  const height = flat ? s * 0.8 : s * 1.3;
  context.moveTo(x, y + direction * height);
  context.lineTo(x - s, y - direction * height * 0.6);
  context.lineTo(x + s, y - direction * height * 0.6);
  context.closePath();
}

/** Vertical lines at events: dashed for restarts, thin for others, with a small flag at the top. */
export function paintEvents(context, events, model, view, theme) {
  context.save();
  for (const event of events ?? []) {
    const x = Math.round(((model.xScale.forward(event.step) - view.x0) / (view.x1 - view.x0)) * view.width) + 0.5;
    if (!(x >= 0 && x <= view.width)) continue;
    context.strokeStyle = eventColor(event.kind, theme);
    context.lineWidth = view.ratio;
    context.setLineDash(isRestart(event.kind) ? [4 * view.ratio, 4 * view.ratio] : [1 * view.ratio, 3 * view.ratio]);
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, view.height);
    context.stroke();
    context.fillStyle = context.strokeStyle;
    context.fillRect(x - 2.5 * view.ratio, 0, 5 * view.ratio, 3 * view.ratio);
  }
  context.restore();
}

/** Horizontal lines and bands that a person set, with their words. @param {{y: number, to?: number, text?: string}[]} [references] */
export function paintReferences(context, references = [], model, view, theme) {
  const row = (y) => ((view.y1 - model.yScale.forward(y)) / (view.y1 - view.y0)) * view.height;
  context.save();
  context.font = `${11 * view.ratio}px system-ui, sans-serif`;
  context.setLineDash([6 * view.ratio, 4 * view.ratio]);
  context.lineWidth = view.ratio;
  context.strokeStyle = context.fillStyle = theme.muted;
  for (const {y, to, text} of references) {
    const top = Math.min(row(y), row(to ?? y)), bottom = Math.max(row(y), row(to ?? y));
    if (!Number.isFinite(top + bottom)) continue;
    context.globalAlpha = 0.12;
    if (to !== undefined) context.fillRect(0, top, view.width, bottom - top);
    context.globalAlpha = 1;
    context.beginPath();
    for (const at of new Set([top, bottom])) { context.moveTo(0, Math.round(at) + 0.5); context.lineTo(view.width, Math.round(at) + 0.5); }
    context.stroke();
    if (text) context.fillText(text, 6 * view.ratio, top - 4 * view.ratio > 10 * view.ratio ? top - 4 * view.ratio : top + 13 * view.ratio);
  }
  context.restore();
}

/** Whether an event stands for a run that was resumed. */
export const isRestart = (kind) => kind === "restart" || kind === "resume";

/** The colour of an event's line. */
export const eventColor = (kind, theme) => (kind === "alert" || kind === "finding" ? theme.error : isRestart(kind) ? theme.warn : theme.muted);
