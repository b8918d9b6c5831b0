/**
 * What is read off a chart: by pointer, by keys, or because another chart is. Crosshair, point, value chip, tooltip.
 * @module
 */
import {formatValue} from "./format.js";
import {bucketAt, nearestRuns, REACH} from "./hit-test.js";
import {colorOf} from "./painter.js";
import {sync} from "./sync.js";
import {axisName, rowOf} from "./reading.js";
import {fillTooltip, placeTooltip, rowsAsTSV} from "./tooltip.js";
import {placesOf} from "./trace.js";

/** Under this window width the tooltip docks under the chart. */
const DOCK_BELOW = 700;

/** Events this near to the crosshair are told; CSS pixels. */
const EVENT_REACH = 5;

const runOf = ({source}) => source.run ?? source.name;

export class ChartReader {
  /** @type {{trace: object, index: number, distance: number}[]} nearest first */ hits = [];
  /** @type {{x: number, run: string|null}|null} what this chart reads off now */ reading = null;
  /** @type {{x: number, run: string|null}|null} what stays when the pointer leaves */ pinned = null;
  #pointer = null;

  /** @param {object} host the element's `model view options theme painted area over invalidate fire` */
  constructor(host) { this.host = host; }

  get key() { return this.host.options.syncKey ?? this.host.options.x ?? "step"; }
  get rows() { return this.hits.map(rowOf); }

  /** The pointer is at a place of the plot; read off in the next frame. */
  at(x, y) {
    this.#pointer = {x, y};
    this.host.invalidate("hover");
  }

  /** Reads off where the pointer is. */
  point() {
    if (!this.#pointer || !this.host.painted) return;
    const {painted, model} = this.host, ratio = painted.ratio, {x, y} = this.#pointer;
    this.hits = nearestRuns(model, painted, x * ratio, y * ratio);
    const near = this.hits[0]?.distance <= REACH * ratio ? runOf(this.hits[0].trace) : null;
    const place = painted.x0 + ((x * ratio) / painted.width) * (painted.x1 - painted.x0);
    this.#announce(model.xScale.inverse(place), near);
  }

  /** Reads off run `run` at `x`: what keys and the page do. @returns {object|null} the row of that run */
  readAt(x, run) {
    const {model, painted} = this.host;
    this.#pointer = null;
    const at = this.#placeOf(x, run), ratio = painted?.ratio ?? 1;
    this.hits = at ? nearestRuns(model, painted, at.x * ratio, (Number.isFinite(at.y) ? at.y : 0) * ratio) : [];
    const own = this.hits.findIndex(({trace}) => runOf(trace) === run);
    if (own > 0) this.hits.unshift(...this.hits.splice(own, 1));
    this.#announce(x, run);
    this.host.invalidate("overlay");
    return this.hits[0] ? rowOf(this.hits[0]) : null;
  }

  /** Tells the bus, the page and the tooltip. */
  #announce(x, run) {
    const changed = sync.run !== run;
    this.reading = {x, run};
    sync.crosshair(this.key, x, this.host, run);
    sync.highlight(run, this.host);
    this.host.fire("hover-x", {x, run});
    if (changed) this.host.fire("hover-run", {run});
    if (!this.pinned) this.#showTip(x);
  }

  /** Another chart is read off. */
  follow({key, source}) {
    if (key !== this.key || source === this.host) return;
    this.reading = null;
    if (!this.pinned) this.host.view.closeTip();
    this.host.invalidate("overlay");
  }

  leave() {
    this.#pointer = null;
    if (!this.pinned && this.reading) this.end();
  }

  /** Ends reading off, pinned or not. */
  end() {
    this.pinned = this.reading = null;
    this.hits = [];
    this.host.view.closeTip();
    sync.crosshair(this.key, null, this.host);
    sync.highlight(null, this.host);
    this.host.fire("hover-run", {run: null});
    this.host.invalidate("overlay");
  }

  /** Keeps the tooltip where it is until Esc or the next click. */
  pin() {
    if (!this.reading || !this.hits.length) return;
    this.pinned = {...this.reading};
    this.host.view.tip.classList.add("pinned");
    this.host.fire("pin", {...this.pinned, rows: this.rows});
  }

  tsv() { return rowsAsTSV(this.rows, axisName(this.host.options.x)); }

  /** Where a run's point at x is, in CSS pixels of the plot. */
  #placeOf(x, run) {
    const {model, area, painted} = this.host;
    if (!painted) return null;
    const {width, height} = area, view = model.view(width, height, 1);
    const px = (place) => ((place - view.x0) / (view.x1 - view.x0)) * width;
    const at = {x: px(model.xScale.forward(x)), y: height / 2, trace: null, index: -1};
    const trace = run === null ? undefined : model.traces.find((one) => runOf(one) === run);
    const index = trace ? bucketAt(trace, x) : -1;
    if (index < 0) return at;
    const places = placesOf(trace, model.xScale, model.yScale), pointX = px(places.x[index]);
    const inside = x >= trace.data.x0[index] && x <= trace.data.x1[index];
    if (!inside && Math.abs(pointX - at.x) > REACH) return at;
    const y = ((view.y1 - places.y[index]) / (view.y1 - view.y0)) * height;
    return {x: at.x, y: Number.isFinite(y) ? Math.max(-9, Math.min(height + 9, y)) : NaN, pointX, trace, index};
  }

  /** Crosshair and point as they are now; on charts that only follow, a chip with the value. */
  show() {
    const {view, area, theme} = this.host;
    const own = this.pinned ?? this.reading;
    const x = own?.x ?? sync.xOf(this.key);
    const at = x === null || x === undefined ? null : this.#placeOf(x, own?.run ?? sync.run);
    const inside = at && at.x >= 0 && at.x <= area.width;
    view.showCross(inside ? at.x : null);
    if (!inside || !at.trace) { view.showPoint(null); return; }
    view.showPoint({x: at.pointX, y: at.y, color: colorOf(at.trace, theme), text: own ? "" : formatValue(at.trace.y[at.index])}, area.width);
  }

  #showTip(x) {
    const {view, model, options, theme} = this.host, rows = this.rows;
    if (!rows.length) { view.closeTip(); return; }
    const several = new Set(model.traces.map(({source}) => source.metric)).size > 1;
    fillTooltip(view.tip, rows, {xKind: options.x, x, utc: options.utc, several, group: Boolean(this.hits[0].trace.data.group), events: this.#eventsNear(x), colorOf: (row) => colorOf({source: row}, theme)});
    view.openTip();
    this.#placeTip(x);
  }

  /** Events whose line is as near to x as a pointer can aim. */
  #eventsNear(x) {
    const {model, options, area} = this.host, [low, high] = model.x.map(model.xScale.forward);
    const px = (step) => ((model.xScale.forward(step) - low) / (high - low)) * area.width;
    return (options.events ?? []).filter(({step}) => Math.abs(px(step) - px(x)) <= EVENT_REACH).slice(0, 4);
  }

  #placeTip(x) {
    const {view, over} = this.host, {style} = view.tip;
    const box = over.getBoundingClientRect(), size = view.tip.getBoundingClientRect();
    const at = this.#pointer ?? this.#placeOf(x, this.reading?.run ?? null) ?? {x: 0, y: 0};
    const y = Number.isFinite(at.y) ? at.y : box.height / 2;
    const under = box.bottom + 28 + size.height < innerHeight ? box.bottom + 28 : Math.max(4, box.top - size.height - 30);
    const place = innerWidth < DOCK_BELOW ? {left: 8, top: under} : placeTooltip({x: box.left + at.x, y: box.top + y}, size, {width: innerWidth, height: innerHeight});
    style.left = `${place.left}px`;
    style.top = `${place.top}px`;
  }
}
