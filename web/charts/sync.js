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

/** What charts that only follow may take of a frame, together. */
const SHARE_MS = 4;
/** What charts that are drawn for the first time may take of the first frame, so that one is on the screen soon, and of those after it. */
const FIRST_PICTURE_MS = 10, PICTURES_MS = 60;

/** Work that can wait, a little in each frame and the oldest first, so that pointing at one of many charts stays smooth. */
export class Turns {
  #waiting = new Map(); #frame = 0; #share; #first; #isFirst = true;

  /** @param {number} share milliseconds of each frame  @param {number} first of the first frame after a rest */
  constructor(share = SHARE_MS, first = share) { [this.#share, this.#first] = [share, first]; }

  /** `act` runs in one of the next frames; asked for again before that, it runs once. */
  take(who, act) {
    this.#waiting.set(who, act);
    this.#frame ||= requestAnimationFrame(() => this.#run());
  }

  drop(who) { this.#waiting.delete(who); }
  /** Whether nobody waits. */
  get isEmpty() { return this.#waiting.size === 0; }

  #run() {
    const start = performance.now(), share = this.#isFirst ? this.#first : this.#share;
    this.#frame = 0;
    for (const [who, act] of this.#waiting) {
      this.#waiting.delete(who);
      act();
      if (performance.now() - start > share) break;
    }
    this.#isFirst = this.#waiting.size === 0;
    if (this.#waiting.size) this.#frame = requestAnimationFrame(() => this.#run());
  }
}

/** The turns of this page. */
export const turns = new Turns();
/** First pictures: the first of many charts is on the screen before the last is drawn. */
export const pictures = new Turns(PICTURES_MS, FIRST_PICTURE_MS);
