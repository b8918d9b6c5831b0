/**
 * Paints a line chart: bands, lines, marks; and on a second canvas the highlighted run.
 * @module
 * @typedef {import("./chart-model.js").ChartModel} ChartModel  @typedef {import("./paint-envelope.js").View} View
 */
import {DASHES, parseColor, runColor} from "./colors.js";
import {formatValue} from "./format.js";
import {BAND_OPACITY, bandColumns, Columns, rasterise, spikeStrokes} from "./paint-envelope.js";
import {dot, hasMarkers, linePath, markerPath} from "./paint-lines.js";
import {edgeMarks, paintEvents, paintMarks} from "./paint-marks.js";
import {placesOf} from "./trace.js";

/** Line width in CSS pixels: thinner where many runs share the chart. */
export const lineWidth = (runs) => (runs > 40 ? 1 : 1.5);

export class Painter {
  #image = null;
  #pool = [];

  /**
   * Paints everything but the frame. @param {CanvasRenderingContext2D} context of a canvas of the view's size
   * @param {ChartModel} model  @param {View} view  @param {import("./theme.js").Theme} theme
   * @returns {{marks: number}} what was drawn, for tests
   */
  paint(context, model, view, theme) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    const strokes = this.#bands(context, model, view, theme);
    paintEvents(context, model.options.events, model, view, theme);
    context.lineJoin = "bevel";
    context.lineCap = "butt";
    for (const spikes of strokes) this.#spikes(context, spikes, view);
    for (const trace of model.traces) if (trace.faint) this.#line(context, model, trace, trace.faint, view, theme, 0.32);
    for (const trace of model.traces) this.#line(context, model, trace, null, view, theme, 1);
    let marks = 0;
    for (const trace of model.traces) marks += this.#marks(context, model, trace, view, theme);
    return {marks};
  }

  /** Paints one run thick, for the overlay. The context is cleared first. */
  paintHighlight(context, model, runs, view, theme) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    for (const trace of model.traces.filter(({source}) => runs.has(source.run ?? source.name))) {
      this.#ownBand(context, model, trace, view, theme);
      this.#line(context, model, trace, null, view, theme, 1, 1);
      this.#marks(context, model, trace, view, theme);
    }
  }

  #bands(context, model, view, theme) {
    const bands = [], strokes = [];
    model.traces.forEach((trace) => {
      if (!trace.banded) return;
      const columns = this.#columns(bands.length, view.width);
      const places = placesOf(trace, model.xScale, model.yScale);
      if (!bandColumns(trace, places, view, columns)) return;
      const color = colorOf(trace, theme);
      bands.push({columns, color: parseColor(color)});
      strokes.push({color, rows: spikeStrokes(columns, view.ratio)});
    });
    if (!bands.length) { context.clearRect(0, 0, view.width, view.height); return []; }
    if (this.#image?.width !== view.width || this.#image.height !== view.height) this.#image = new ImageData(view.width, view.height);
    rasterise(bands, this.#image);
    context.putImageData(this.#image, 0, 0);
    return strokes;
  }

  /** The band of one run in the overlay, which is not worth an image. */
  #ownBand(context, model, trace, view, theme) {
    const columns = this.#columns(0, view.width);
    if (!trace.banded || !bandColumns(trace, placesOf(trace, model.xScale, model.yScale), view, columns)) return;
    const color = colorOf(trace, theme);
    context.fillStyle = color;
    context.globalAlpha = BAND_OPACITY * 1.5;
    for (let c = 0; c < view.width; c++) {
      if (columns.top[c] <= columns.bottom[c]) context.fillRect(c, columns.top[c], 1, columns.bottom[c] - columns.top[c] + 1);
    }
    this.#spikes(context, {color, rows: spikeStrokes(columns, view.ratio)}, view);
  }

  #columns(k, width) {
    if (this.#pool[k]?.top.length !== width) this.#pool[k] = new Columns(width);
    return this.#pool[k];
  }

  #spikes(context, {color, rows}, view) {
    if (!rows.length) return;
    context.fillStyle = color;
    context.globalAlpha = 0.8;
    for (const [column, top, bottom] of rows) context.fillRect(column, top, Math.max(1, Math.round(view.ratio)), bottom - top);
    context.globalAlpha = 1;
  }

  #line(context, model, trace, faint, view, theme, alpha, thicker = 0) {
    const places = placesOf(trace, model.xScale, model.yScale);
    const ys = faint ? places.faint : places.y;
    const color = colorOf(trace, theme), r = view.ratio;
    context.globalAlpha = alpha;
    context.strokeStyle = color;
    context.fillStyle = color;
    context.lineWidth = (lineWidth(model.traces.length) + thicker + (trace.source.highlighted ? 1.5 : 0)) * r;
    context.setLineDash((DASHES[trace.source.dash ?? 0] ?? trace.source.dash ?? []).map((d) => d * r));
    context.beginPath();
    const alone = linePath(context, trace, places.x, ys, view);
    context.stroke();
    context.setLineDash([]);
    this.#dots(context, model, trace, places, ys, alone, view, theme, thicker);
    context.globalAlpha = 1;
  }

  #dots(context, model, trace, places, ys, alone, view, theme, thicker) {
    const r = view.ratio;
    context.beginPath();
    for (let i = 0; i < alone.length; i += 2) dot(context, alone[i], alone[i + 1], 2 * r);
    if (hasMarkers(trace, view)) markerPath(context, trace, places.x, ys, view, (thicker ? 3.5 : 2.5) * r);
    context.fill();
    if (trace.data.bucketCount === 1 && alone.length) {
      context.font = `${11 * r}px system-ui, sans-serif`;
      context.fillStyle = theme.text;
      context.textAlign = alone[0] > view.width * 0.7 ? "right" : "left";
      context.fillText(formatValue(trace.y[0]), alone[0] + (context.textAlign === "right" ? -7 : 7) * r, alone[1] - 5 * r);
    }
  }

  #marks(context, model, trace, view, theme) {
    const marks = edgeMarks(trace, placesOf(trace, model.xScale, model.yScale), view, model.outliers !== null);
    if (marks.length) paintMarks(context, marks, view, colorOf(trace, theme), theme.bg);
    return marks.length;
  }
}

/** The colour a trace is drawn in. Under forced colours all lines are text, told apart by style and name. */
export function colorOf({source}, theme) {
  if (theme.forced) return "CanvasText";
  return typeof source.color === "number" ? runColor(source.color, theme.dark ? "dark" : "light") : source.color ?? theme.text;
}
