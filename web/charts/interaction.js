/**
 * What a chart needs only once it is on the screen: reading off, zooming, keys, words for screen readers, pictures to take away. Loaded after
 * the first chart was painted.
 * @module
 */
import {ChartKeys} from "./chart-keys.js";
import {exportSVG, rasteriseSVG} from "./export-svg.js";
import {Gestures} from "./gestures.js";
import {ChartRanges} from "./ranges.js";
import {ChartReader} from "./reader.js";
import {tipStyles} from "./tip-styles.js";

export {debugState} from "./chart-state.js";
export {chartName, summarise, summaryText, tracesAsCSV, tracesAsJSON} from "./summary.js";
export {exportSVG, rasteriseSVG};

/** @typedef {object} Host what the parts may know of the element: `model view options theme painted area over invalidate fire flush` */

export class Interaction {
  /** @param {Host} host  @param {AbortSignal} signal ends it */
  constructor(host, signal) {
    this.host = host;
    host.view.wear(tipStyles);
    this.reader = new ChartReader(host);
    this.ranges = new ChartRanges(host.model, host);
    this.keys = new ChartKeys(host, this.reader, this.ranges);
    const gestures = new Gestures(host.over, this.#targets(), signal), {figure} = host.view;
    this.keys.cancelDrag = () => gestures.cancel();
    figure.addEventListener("keydown", (event) => this.keys.press(event), {signal});
    figure.addEventListener("focusout", () => this.keys.leave(), {signal});
    signal.addEventListener("abort", () => { this.ranges.stop(); host.view.closeTip(); });
  }

  #targets() {
    const {reader, ranges, keys, host} = this;
    return {
      hover: (x, y) => { keys.release(); reader.at(x, y); },
      leave: () => reader.leave(),
      click: (x, y, touch) => this.#click(x, y, touch),
      select: (box) => { host.view.showSelection(box); if (box && !reader.pinned) host.view.closeTip(); },
      zoom: (box, kind) => ranges.zoomTo(box, kind),
      pan: (dx, dy) => ranges.pan(dx, dy),
      scale: (factor, at) => ranges.zoomBy(factor, at),
      settle: () => ranges.settle(),
      reset: () => ranges.reset(),
    };
  }

  #click(x, y, touch) {
    const {reader, host} = this;
    reader.at(x, y);
    if (touch) return;
    if (reader.pinned) { reader.end(); return; }
    host.flush();
    reader.pin();
  }
}
