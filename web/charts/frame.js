/**
 * The frame of a chart: its layout, axes, grid and labels. What lies between the axes is painted by others.
 *
 * It works in places (see scales.js), which are linear whatever the scale. A general chart library did this before: it was a third of all
 * code that a page loads before its first chart, and half of the time to make one, for two axes.
 * @module
 */

const FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
/** CSS pixels: room above and right of the plotting area, below it for labels, and the least on its left. */
const TOP = 6, RIGHT = 12, BELOW = 24, LEAST_LEFT = 30;
/** CSS pixels for each label, and between a label and the plotting area. */
const X_ROOM = 64, Y_ROOM = 34, GAP = 4;

/** @typedef {{places: number[], labels: string[]}} Ticks */

export class Frame {
  #canvas; #size = {width: 0, height: 0}; #left = LEAST_LEFT;

  /**
   * @param {HTMLElement} host  @param {import("./theme.js").Theme} theme
   * @param {{xTicks: (count: number) => Ticks, yTicks: (count: number) => Ticks}} ticks asked at each draw
   */
  constructor(host, theme, ticks) {
    this.theme = theme;
    this.ticks = ticks;
    /** The name of the x-axis, which the page of the chart writes. */
    this.name = "";
    this.x = [0, 1];
    this.y = [0, 1];
    this.#canvas = Object.assign(document.createElement("canvas"), {className: "axes"});
    this.over = Object.assign(document.createElement("div"), {className: "over"});
    host.append(this.#canvas, this.over);
  }

  /** Width, height and place of the plotting area, in CSS pixels of the host; its edges are edges of device pixels. */
  get area() {
    const ratio = devicePixelRatio || 1, whole = (pixels) => Math.round(pixels * ratio) / ratio;
    const {width, height} = this.#size, left = whole(this.#left), top = whole(TOP);
    return {left, top, width: Math.max(1, whole(width - RIGHT) - left), height: Math.max(1, whole(height - BELOW) - top)};
  }

  /** Shows places `x` and `y`, each `[low, high]`. */
  show(x, y) {
    this.x = x;
    this.y = y;
    this.redraw();
  }

  /** @param {number} width @param {number} height CSS pixels of the whole frame; `show` draws it */
  resize(width, height) { this.#size = {width, height}; }

  destroy() { this.#canvas.remove(); this.over.remove(); }

  redraw() {
    const ratio = devicePixelRatio || 1, context = this.#clear(ratio);
    // How many labels there are above each other depends on the height alone, their widths on them, and on those how many are side by side.
    const yTicks = this.ticks.yTicks(Math.max(2, this.area.height / Y_ROOM));
    this.#left = Math.max(LEAST_LEFT, Math.ceil(Math.max(0, ...yTicks.labels.map((label) => widthOf(label, context)))) + 12);
    const area = this.area, xTicks = this.ticks.xTicks(Math.max(2, area.width / X_ROOM));
    const across = xTicks.places.map((place) => area.left + share(place, this.x) * area.width);
    const up = yTicks.places.map((place) => area.top + (1 - share(place, this.y)) * area.height);
    context.fillStyle = this.theme.grid;
    for (const x of across) context.fillRect(crisp(x, ratio), area.top, 1, area.height);
    for (const y of up) context.fillRect(area.left, crisp(y, ratio), area.width, 1);
    context.fillRect(area.left, crisp(area.top + area.height, ratio), area.width, 1);
    this.#write(context, area, {labels: xTicks.labels, across}, {labels: yTicks.labels, up});
    Object.assign(this.over.style, {left: `${area.left}px`, top: `${area.top}px`, width: `${area.width}px`, height: `${area.height}px`});
  }

  #clear(ratio) {
    const {width, height} = this.#size, [w, h] = [Math.round(width * ratio), Math.round(height * ratio)], context = this.#canvas.getContext("2d");
    // A canvas that is given a size is clear.
    if (this.#canvas.width !== w || this.#canvas.height !== h) Object.assign(this.#canvas, {width: w, height: h});
    else { context.setTransform(1, 0, 0, 1, 0, 0); context.clearRect(0, 0, w, h); }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.font = FONT;
    return context;
  }

  #write(context, area, {labels, across}, {labels: beside, up}) {
    context.fillStyle = this.theme.muted;
    [context.textAlign, context.textBaseline] = ["center", "top"];
    // Its name stands at the right end of the row, on seven tenths of it at most.
    const free = area.left + area.width - (this.name ? Math.min(this.name.length * 6 + 4, this.#size.width * 0.7) : -Infinity);
    labels.forEach((label, i) => { if (across[i] + label.length * 3.2 <= free) context.fillText(label, across[i], area.top + area.height + GAP); });
    [context.textAlign, context.textBaseline] = ["right", "middle"];
    beside.forEach((label, i) => context.fillText(label, area.left - GAP, up[i]));
  }
}

const share = (place, [low, high]) => (place - low) / (high - low || 1);
/** Where a line of one pixel is sharp. */
const crisp = (pixels, ratio) => Math.round((pixels - 0.5) * ratio) / ratio;

/** Widths of labels as they are written, in CSS pixels: the same few come again in each chart. @type {Map<string, number>} */
const widths = new Map();
const MOST_WIDTHS = 2000;

function widthOf(label, context) {
  let width = widths.get(label);
  if (width === undefined) {
    if (widths.size >= MOST_WIDTHS) widths.clear();
    widths.set(label, width = context.measureText(label).width);
  }
  return width;
}
