/**
 * Zooming and panning: moves at once, and says 80 ms after the last move that exact data is wanted.
 * @module
 */

/** Exact data is asked for this long after the last move. */
const SETTLE_MS = 80;
/** The narrowest range, as a share of its size: below it numbers run out of digits. */
const NARROWEST = 1e-12;

export class ChartRanges {
  /** True between the first and the last move, when y stays and a slow chart stretches its picture. */
  moving = false;
  #timer = 0;

  /** @param {import("./chart-model.js").ChartModel} model  @param {{invalidate: (what: string) => void, fire: (name: string, detail: object) => void, area: {width: number, height: number}}} host */
  constructor(model, host) {
    this.model = model;
    this.host = host;
  }

  /** Back to the whole range. @returns {boolean} whether it was not already there */
  reset() {
    const {model} = this;
    if (!model.range && !model.yRange) return false;
    model.range = model.yRange = null;
    this.stop();
    this.host.invalidate("layout");
    this.host.fire("reset", {});
    return true;
  }

  stop() {
    clearTimeout(this.#timer);
    this.moving = false;
  }

  /** Zooms x by `factor` (< 1 is nearer) around a place in 0…1 of the plot. */
  zoomBy(factor, at = 0.5) {
    const {xScale, x} = this.model;
    const [a, b] = x.map(xScale.forward), middle = a + (b - a) * at;
    this.move([xScale.inverse(middle + (a - middle) * factor), xScale.inverse(middle + (b - middle) * factor)]);
  }

  /** Moves by fractions of the plot; y only when a person had chosen its range. */
  pan(dx, dy) {
    const {xScale, yScale, x, y, yRange} = this.model;
    if (yRange) this.model.yRange = this.model.y = shifted(yScale, y, -dy);
    this.move(shifted(xScale, x, dx));
  }

  /** Shows an x-range while moving. @param {[number, number]} range */
  move([low, high]) {
    if (!(high - low > Math.max(Math.abs(low), Math.abs(high)) * NARROWEST)) return;
    this.model.range = [low, high];
    this.model.x = [low, high];
    this.moving = true;
    this.host.invalidate("move");
    this.settle();
  }

  /** The last move was now, unless another follows. */
  settle() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.moving = false;
      this.host.invalidate("layout");
      this.host.fire("range-change", {range: this.model.range, yRange: this.model.yRange});
    }, SETTLE_MS);
  }

  /** Zooms to a box of CSS pixels in the plot. @param {"x"|"y"|"box"} kind */
  zoomTo(box, kind) {
    const {width, height} = this.host.area, {xScale, yScale} = this.model, view = this.model.view(width, height, 1);
    const atX = (px) => xScale.inverse(view.x0 + (px / width) * (view.x1 - view.x0));
    const atY = (py) => yScale.inverse(view.y1 - (py / height) * (view.y1 - view.y0));
    if (kind !== "y" && box.right > box.left) this.model.range = [atX(box.left), atX(box.right)];
    if (kind !== "x" && box.bottom > box.top) this.model.yRange = [atY(box.bottom), atY(box.top)];
    this.host.invalidate("layout");
    this.settle();
  }
}

function shifted(scale, [low, high], by) {
  const [a, b] = [scale.forward(low), scale.forward(high)];
  return [scale.inverse(a - by * (b - a)), scale.inverse(b - by * (b - a))];
}
