/**
 * The frame of a chart: uPlot draws axes, grid and labels and keeps the layout; everything between the axes is ours.
 * uPlot works in places (see scales.js), so that its own scales stay linear.
 * @module
 */

const FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";

/** @typedef {{places: number[], labels: string[]}} Ticks */

export class Frame {
  /**
   * @param {any} uPlot the class  @param {HTMLElement} host  @param {import("./theme.js").Theme} theme
   * @param {{xTicks: (count: number) => Ticks, yTicks: (count: number) => Ticks}} ticks asked at each draw
   */
  constructor(uPlot, host, theme, ticks) {
    this.theme = theme;
    this.ticks = ticks;
    /** The name of the x-axis, which the page of the chart writes. */
    this.name = "";
    this.x = [0, 1];
    this.y = [0, 1];
    this.plot = new uPlot(this.#options(), [[0, 1], [0, 1]], host);
    this.over = this.plot.over;
  }

  /** Width, height and place of the plotting area, in CSS pixels of the host. */
  get area() {
    const {left, top, width, height} = this.plot.bbox;
    const ratio = devicePixelRatio || 1;
    return {left: left / ratio, top: top / ratio, width: width / ratio, height: height / ratio};
  }

  /** Shows places `x` and `y`, each `[low, high]`. */
  show(x, y) {
    this.x = x;
    this.y = y;
    this.plot.setData([x, y]);
  }

  /** @param {number} width @param {number} height CSS pixels of the whole frame */
  resize(width, height) {
    if (this.plot.width !== width || this.plot.height !== height) this.plot.setSize({width, height});
  }

  redraw() { this.plot.redraw(false, true); }
  destroy() { this.plot.destroy(); }

  #options() {
    return {
      width: 300, height: 150, pxAlign: 1, padding: [6, 12, 0, 0], legend: {show: false}, cursor: {show: false},
      scales: {x: {time: false, auto: true, range: () => this.x}, y: {auto: true, range: () => this.y}},
      series: [{}, {paths: () => null, points: {show: false}}],
      axes: [this.#axis("xTicks", 2, 64), this.#axis("yTicks", 3, 34)],
    };
  }

  /** Labels but for those that would run into the name of the axis, at the right end of its row. */
  #besideName({places, labels}, plot) {
    if (!this.name) return labels;
    const width = plot.bbox.width / (devicePixelRatio || 1), [low, high] = this.x;
    const free = width - this.name.length * 6 - 4;
    return labels.map((label, i) => (((places[i] - low) / (high - low)) * width + label.length * 3.2 > free ? "" : label));
  }

  #axis(name, side, room) {
    const across = side === 2;
    let ticks = {places: [], labels: []};
    return {
      side, font: FONT, gap: 4,
      size: across ? 24 : (plot, labels) => labelWidth(plot, labels),
      stroke: () => this.theme.muted,
      grid: {show: true, stroke: () => this.theme.grid, width: 1},
      ticks: {show: false},
      border: {show: across, stroke: () => this.theme.grid, width: 1},
      splits: (plot) => {
        const size = across ? plot.bbox.width || plot.width : plot.bbox.height || plot.height;
        ticks = this.ticks[name](Math.max(2, size / (devicePixelRatio || 1) / room));
        return ticks.places;
      },
      values: (plot) => (across ? this.#besideName(ticks, plot) : ticks.labels),
    };
  }
}

function labelWidth(plot, labels) {
  if (!labels?.length) return 36;
  plot.ctx.font = FONT;
  const widest = Math.max(...labels.map((label) => plot.ctx.measureText(label).width));
  return Math.max(30, Math.ceil(widest) + 12);
}
