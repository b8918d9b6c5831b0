/**
 * Paints a line chart: bands, lines, marks; and on a second canvas the highlighted run.
 * @module
 * @typedef {import("./chart-model.js").ChartModel} ChartModel  @typedef {import("./paint-envelope.js").View} View
 */
import {DASHES, parseColor, runColor} from "./colors.js";
import {formatValue} from "./format.js";
import {isDense, LineColumns, lineColumns, paintColumns, paintRows} from "./paint-dense.js";
import {BAND_OPACITY, bandColumns, Columns, rasterise, standouts} from "./paint-envelope.js";
import {dot, hasMarkers, linePath, markerPath, markerRadius} from "./paint-lines.js";
import {edgeMarks, paintEvents, paintMarks} from "./paint-marks.js";
import {placesOf} from "./trace.js";

/** Opacity of the unsmoothed line behind its smoothed one. */
const FAINT = 0.32;
/** Opacity of what stands out alone from a band. */
const SPIKE_OPACITY = 0.8;
/** With more lines than this, dense ones have hard ends. */
const CRISP_ABOVE = 200;

/** Line width in CSS pixels: thinner where many runs share the chart. */
export const lineWidth = (runs) => (runs > 40 ? 1 : 1.5);

export class Painter {
  #image = null;
  #pool = [];
  #line = null;

  /**
   * Paints everything but the frame. @param {CanvasRenderingContext2D} context of a canvas of the view's size
   * @param {ChartModel} model  @param {View} view  @param {import("./theme.js").Theme} theme
   * @returns {{marks: number}} what was drawn, for tests
   */
  paint(context, model, view, theme) {
    const {traces} = model, job = {context, model, view, theme, alone: new Map()};
    const dense = theme.forced ? [] : traces.filter((trace) => isDense(trace, view));
    const isSparse = (trace) => !dense.includes(trace);
    context.setTransform(1, 0, 0, 1, 0, 0);
    const image = this.#prepare(view);
    const spikes = this.#bands(job, image);
    for (const {color, rows} of spikes) paintRows(image, rows, color, SPIKE_OPACITY, Math.max(1, Math.round(view.ratio)));
    for (const trace of dense) if (trace.faint) this.#dense(job, image, trace, true);
    for (const trace of dense) this.#dense(job, image, trace, false);
    context.putImageData(image, 0, 0);
    paintEvents(context, model.options.events, model, view, theme);
    for (const trace of traces) if (trace.faint && isSparse(trace)) this.#stroke(job, trace, true);
    for (const trace of traces) if (isSparse(trace)) this.#stroke(job, trace, false);
    for (const trace of traces) this.#dots(job, trace, 0);
    return {marks: traces.reduce((sum, trace) => sum + this.#marks(job, trace), 0)};
  }

  /** Paints some runs thick, for the overlay. The context is cleared first. @param {Set<string>} runs */
  paintHighlight(context, model, runs, view, theme) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    const job = {context, model, view, theme, alone: new Map()};
    for (const trace of model.traces.filter(({source}) => runs.has(source.run ?? source.name))) {
      this.#ownBand(job, trace);
      this.#stroke(job, trace, false, 1);
      this.#dots(job, trace, 1);
      this.#marks(job, trace);
    }
  }

  #prepare(view) {
    if (this.#image?.width !== view.width || this.#image.height !== view.height) {
      this.#image = new ImageData(view.width, view.height);
      this.#line = new LineColumns(view.width);
    }
    return this.#image;
  }

  /** Bands go into the image, which is overwritten. @returns what stands out and is to be stroked */
  #bands({model, view, theme}, image) {
    const bands = [], spikes = [];
    for (const trace of model.traces) {
      if (!trace.banded) continue;
      const columns = this.#columns(bands.length, view.width);
      const places = placesOf(trace, model.xScale, model.yScale);
      if (!bandColumns(trace, places, view, columns)) continue;
      const color = parseColor(colorOf(trace, theme));
      bands.push({columns, color});
      spikes.push({color, rows: standouts(trace, places, view)});
    }
    rasterise(bands, image);
    return spikes;
  }

  #dense({model, view, theme, alone}, image, trace, faint) {
    const places = placesOf(trace, model.xScale, model.yScale);
    const width = widthOf(trace, model) * view.ratio;
    const points = lineColumns(trace, places.x, faint ? places.faint : places.y, view, width / 2, this.#line);
    if (!faint) alone.set(trace, points);
    paintColumns(image, this.#line, parseColor(colorOf(trace, theme)), faint ? FAINT : 1, dashOf(trace, view.ratio, model, theme), Math.max(1, Math.round(width)), model.traces.length > CRISP_ABOVE);
  }

  /** The band of one run in the overlay, which is not worth an image. */
  #ownBand({context, model, view, theme}, trace) {
    const columns = this.#columns(0, view.width), places = placesOf(trace, model.xScale, model.yScale);
    if (!trace.banded || !bandColumns(trace, places, view, columns)) return;
    const color = colorOf(trace, theme);
    context.fillStyle = color;
    context.globalAlpha = BAND_OPACITY * 1.5;
    for (let c = 0; c < view.width; c++) {
      if (columns.top[c] <= columns.bottom[c]) context.fillRect(c, columns.top[c], 1, columns.bottom[c] - columns.top[c] + 1);
    }
    this.#spikes(context, standouts(trace, places, view), view);
  }

  #columns(k, width) {
    if (this.#pool[k]?.top.length !== width) this.#pool[k] = new Columns(width);
    return this.#pool[k];
  }

  #spikes(context, rows, view) {
    context.globalAlpha = SPIKE_OPACITY;
    for (const [column, top, bottom] of rows) context.fillRect(column, top, Math.max(1, Math.round(view.ratio)), bottom - top);
    context.globalAlpha = 1;
  }

  #stroke({context, model, view, theme, alone}, trace, faint, thicker = 0) {
    const places = placesOf(trace, model.xScale, model.yScale);
    context.globalAlpha = faint ? FAINT : 1;
    context.strokeStyle = colorOf(trace, theme);
    context.lineWidth = (widthOf(trace, model) + thicker) * view.ratio;
    context.lineJoin = "bevel";
    context.setLineDash(dashOf(trace, view.ratio, model, theme));
    context.beginPath();
    const points = linePath(context, trace, places.x, faint ? places.faint : places.y, view);
    if (!faint) alone.set(trace, points);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  /** Points that stand alone, and markers where there are few. */
  #dots({context, model, view, theme, alone}, trace, thicker) {
    const places = placesOf(trace, model.xScale, model.yScale), r = view.ratio, points = alone.get(trace) ?? [];
    const marked = hasMarkers(trace, view);
    if (!points.length && !marked) return;
    context.fillStyle = colorOf(trace, theme);
    context.beginPath();
    for (let i = 0; i < points.length; i += 2) dot(context, points[i], points[i + 1], 2 * r);
    if (marked) markerPath(context, trace, places.x, places.y, view, markerRadius(trace, view) + (thicker ? 0.8 : 0) * r);
    context.fill();
    if (trace.data.bucketCount === 1 && points.length) valueBeside(context, formatValue(trace.y[0]), points, view, theme);
  }

  #marks({context, model, view, theme}, trace) {
    const marks = edgeMarks(trace, placesOf(trace, model.xScale, model.yScale), view, model.outliers !== null);
    if (marks.length) paintMarks(context, marks, view, colorOf(trace, theme), theme.bg);
    return marks.length;
  }
}

function valueBeside(context, text, [x, y], view, theme) {
  const left = x > view.width * 0.7;
  context.font = `${11 * view.ratio}px system-ui, sans-serif`;
  context.fillStyle = theme.text;
  context.textAlign = left ? "right" : "left";
  context.fillText(text, x + (left ? -7 : 7) * view.ratio, y - 5 * view.ratio);
}

const widthOf = (trace, model) => lineWidth(model.traces.length) + (trace.source.highlighted ? 1.5 : 0);
/** The run's line style; under forced colours, where colours are gone, styles take turns instead. */
function dashOf(trace, ratio, model, theme) {
  const {dash = 0} = trace.source, style = theme.forced ? model.traces.indexOf(trace) % DASHES.length : dash;
  return (Array.isArray(style) ? style : DASHES[style] ?? []).map((d) => d * ratio);
}

/** The colour a trace is drawn in. Under forced colours all lines are text, told apart by style and name. */
export function colorOf({source}, theme) {
  if (theme.forced) return "CanvasText";
  return typeof source.color === "number" ? runColor(source.color, theme.dark ? "dark" : "light") : source.color ?? theme.text;
}
