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
import {edgeMarks, paintEvents, paintMarks, paintReferences} from "./paint-marks.js";
import {placesOf} from "./trace.js";

/** Opacity of the unsmoothed line behind its smoothed one. */
const FAINT = 0.32;
/** Opacity of what stands out alone from a band. */
const SPIKE_OPACITY = 0.8;
/** With more lines than this, dense ones have hard ends. */
const CRISP_ABOVE = 200;

/** Line width in CSS pixels: thinner where many runs share the chart. */
export const lineWidth = (runs) => (runs > 40 ? 1 : 1.5);

/** What one trace fills in a view; kept, so that a change to one of hundreds of runs costs little more than one. */
class Slot {
  #band = null; #line = null; #bandOf = null; #lineOf = null; #tall = false; #rows = []; #alone = [];

  /** @returns {{columns: Columns, rows: [number, number, number][]}|null} null where no column is taller than a pixel */
  band(trace, places, view) {
    if (!isOf(this.#bandOf, places, view)) {
      if (this.#band?.top.length !== view.width) this.#band = new Columns(view.width);
      this.#tall = bandColumns(trace, places, view, this.#band);
      this.#rows = this.#tall ? standouts(trace, places, view) : [];
      this.#bandOf = {places, view};
    }
    return this.#tall ? {columns: this.#band, rows: this.#rows} : null;
  }

  /** @param {Float64Array} ys places @param {number} half of the width @returns {{columns: LineColumns, alone: number[]}} */
  line(trace, places, ys, view, half) {
    if (!isOf(this.#lineOf, places, view) || this.#lineOf.ys !== ys || this.#lineOf.half !== half) {
      if (this.#line?.top.length !== view.width) this.#line = new LineColumns(view.width);
      this.#alone = lineColumns(trace, places.x, ys, view, half, this.#line);
      this.#lineOf = {places, view, ys, half};
    }
    return {columns: this.#line, alone: this.#alone};
  }
}

/** Places belong to one trace and its scales. */
const isOf = (kept, places, view) => kept !== null && kept.places === places
  && ["x0", "x1", "y0", "y1", "width", "height"].every((name) => kept.view[name] === view[name]);

export class Painter {
  #image = null;
  #slots = [];
  #own = new Slot();

  /**
   * Paints everything but the frame. @param {CanvasRenderingContext2D} context of a canvas of the view's size
   * @param {ChartModel} model  @param {View} view  @param {import("./theme.js").Theme} theme
   * @returns {{marks: number}} what was drawn, for tests
   */
  paint(context, model, view, theme) {
    const {traces} = model;
    this.#slots.length = Math.min(this.#slots.length, traces.length);
    const job = {context, model, view, theme, alone: new Map(), slots: new Map(traces.map((trace, k) => [trace, this.#slots[k] ??= new Slot()]))};
    const dense = new Set(theme.forced ? [] : traces.filter((trace) => isDense(trace, view)));
    const isSparse = (trace) => !dense.has(trace);
    context.setTransform(1, 0, 0, 1, 0, 0);
    const image = this.#prepare(view);
    const spikes = this.#bands(job, image);
    for (const {color, rows} of spikes) paintRows(image, rows, color, SPIKE_OPACITY, Math.max(1, Math.round(view.ratio)));
    for (const trace of dense) if (trace.faint) this.#dense(job, image, trace, true);
    for (const trace of dense) this.#dense(job, image, trace, false);        // in the order of the series: members before their groups
    context.putImageData(image, 0, 0);
    paintReferences(context, model.options.references, model, view, theme);
    paintEvents(context, model.options.events, model, view, theme);
    for (const trace of traces) if (trace.faint && isSparse(trace)) this.#stroke(job, trace, true);
    for (const trace of traces) if (isSparse(trace)) this.#stroke(job, trace, false);
    for (const trace of model.told) this.#dots(job, trace, 0);
    return {marks: model.told.reduce((sum, trace) => sum + this.#marks(job, trace), 0)};
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
    if (this.#image?.width !== view.width || this.#image.height !== view.height) this.#image = new ImageData(view.width, view.height);
    return this.#image;
  }

  /** Bands go into the image, which is overwritten. @returns what stands out and is to be stroked */
  #bands({model, view, theme, slots}, image) {
    const bands = [];
    for (const trace of model.traces) {
      const band = trace.banded ? slots.get(trace).band(trace, placesOf(trace, model.xScale, model.yScale), view) : null;
      if (band) bands.push({...band, color: parseColor(colorOf(trace, theme))});
    }
    rasterise(bands, image);
    return bands;
  }

  #dense({model, view, theme, alone, slots}, image, trace, faint) {
    const places = placesOf(trace, model.xScale, model.yScale);
    const width = widthOf(trace, model) * view.ratio, slot = faint ? this.#own : slots.get(trace);
    const line = slot.line(trace, places, faint ? places.faint : places.y, view, width / 2);
    if (!faint) alone.set(trace, line.alone);
    paintColumns(image, line.columns, parseColor(colorOf(trace, theme)), faint || trace.source.member ? FAINT : 1, dashOf(trace, view.ratio, model, theme), Math.max(1, Math.round(width)), model.traces.length > CRISP_ABOVE);
  }

  /** The band of one run in the overlay, which is not worth an image. */
  #ownBand({context, model, view, theme}, trace) {
    const band = trace.banded ? this.#own.band(trace, placesOf(trace, model.xScale, model.yScale), view) : null;
    if (!band) return;
    const {columns, rows} = band;
    const color = colorOf(trace, theme);
    context.fillStyle = color;
    context.globalAlpha = BAND_OPACITY * 1.5;
    for (let c = 0; c < view.width; c++) {
      if (columns.top[c] <= columns.bottom[c]) context.fillRect(c, columns.top[c], 1, columns.bottom[c] - columns.top[c] + 1);
    }
    this.#spikes(context, rows, view);
  }

  #spikes(context, rows, view) {
    context.globalAlpha = SPIKE_OPACITY;
    for (const [column, top, bottom] of rows) context.fillRect(column, top, Math.max(1, Math.round(view.ratio)), bottom - top);
    context.globalAlpha = 1;
  }

  #stroke({context, model, view, theme, alone}, trace, faint, thicker = 0) {
    const places = placesOf(trace, model.xScale, model.yScale);
    context.globalAlpha = faint || (trace.source.member && !thicker) ? FAINT : 1;
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
