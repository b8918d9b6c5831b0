/** The names of a project's histograms: asked for once, then followed. @module */
import {get, query} from "../api.js";

/** @type {WeakMap<object, HistogramNames>} by store */
const known = new WeakMap();

/** @returns {HistogramNames} of a project's store */
export function histogramNames(store) {
  if (!known.has(store)) known.set(store, new HistogramNames(store));
  return known.get(store);
}

/** @fires change when other names are known */
export class HistogramNames extends EventTarget {
  /** @type {string[]} */ names = [];
  #store; #filter = null; #asked = null;
  /** What was logged while the names were asked for. */ #late = null;

  constructor(store) {
    super();
    this.#store = store;
    store.addEventListener("histograms", ({detail: {names}}) => { this.#late?.push(...names); this.#show([...this.names, ...names]); });
    // After a break everything may have changed.
    store.addEventListener("rows", ({detail}) => { if (detail.run === null && this.#filter !== null) this.#ask(); });
  }

  /** @param {string} filter which runs count; without one those that lists show @returns {Promise<string[]>} the names, also where they were known before */
  async load(filter = "") {
    if (this.#asked === null || filter !== this.#filter) { this.#filter = filter; this.#ask(); }
    await this.#asked;
    return this.names;
  }

  #ask() {
    const late = this.#late = [];
    this.#asked = get(`${this.#store.path}/histograms${query({filter: this.#filter})}`).then(
      ({histograms}) => { if (late === this.#late) this.#show([...histograms.map(({name}) => name), ...late]); },
      () => { if (late === this.#late) this.#asked = null; }).finally(() => { if (late === this.#late) this.#late = null; });
  }

  #show(names) {
    const next = [...new Set(names)], isSame = next.length === this.names.length && next.every((name, i) => name === this.names[i]);
    this.names = next;
    if (!isSame) this.dispatchEvent(new Event("change"));
  }
}
