/**
 * What all charts of a page share: the crosshair's x, the highlighted run. The sidebar and other panels take part through the same bus.
 * @module
 *
 * Events of `sync`: `crosshair` {key, x, run, source}, `highlight` {run, source}. `x` and `run` are null when the pointer has left.
 */

/** The bus. Listeners run at once; those that draw should wait for a frame. */
export class ChartSync extends EventTarget {
  /** @type {string|null} */ run = null;
  #x = new Map();

  /** Moves the crosshair of all charts with this key (charts with the same x-axis). @param {number|null} x */
  crosshair(key, x, source = null, run = null) {
    if (this.#x.get(key) === x && x === null) return;
    this.#x.set(key, x);
    this.dispatchEvent(new CustomEvent("crosshair", {detail: {key, x, run, source}}));
  }

  /** The crosshair's x of a key, or null. */
  xOf(key) { return this.#x.get(key) ?? null; }

  /** Marks one run everywhere. @param {string|null} run */
  highlight(run, source = null) {
    if (this.run === run) return;
    this.run = run;
    this.dispatchEvent(new CustomEvent("highlight", {detail: {run, source}}));
  }
}

/** The bus of this page. */
export const sync = new ChartSync();
