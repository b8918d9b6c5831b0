/** Metrics that serve as x-axes, by step, for runs whose events are to be placed on them: read when a chart first needs them. @module */
import {AxisColumn} from "../lib/axis-column.js";
import {loadSeries} from "../series-loader.js";

const BUCKETS = 2000, REFRESH_MS = 2000;

export class AxisColumns {
  #store; /** @type {Map<string, {column: AxisColumn|undefined, points: number}>} */ #held = new Map(); #last = 0;

  /** @param {import("./project.js").ProjectStore} store */
  constructor(store) { this.#store = store; }

  of(metric, run) { return this.#held.get(`${run} ${metric}`)?.column; }

  /** Reads what is not known of a metric, or ends before an event. @param {string} metric  @param {{run: string, step: number}[]} events */
  async need(metric, events) {
    const runs = new Set(events.filter(({run, step}) => this.#isMissing(metric, run, step)).map(({run}) => run));
    if (!runs.size || (this.#last + REFRESH_MS > Date.now() && [...runs].every((run) => this.#held.has(`${run} ${metric}`)))) return;
    this.#last = Date.now();
    for (const run of runs) this.#held.set(`${run} ${metric}`, {column: this.of(metric, run), points: this.#store.runs.get(run)?.points ?? 0});
    try {
      const {series} = await loadSeries({runs: [...runs], metric, x: "step", buckets: BUCKETS, columns: ["first", "last"]}, new AbortController().signal);
      for (const data of series) this.#held.get(`${data.run} ${metric}`).column = new AxisColumn(data);
      this.#store.changed("events");
    } catch { for (const run of runs) this.#held.delete(`${run} ${metric}`); }      // asked again with the next change
  }

  #isMissing(metric, run, step) {
    const held = this.#held.get(`${run} ${metric}`);
    return !held || (step > (held.column?.end ?? -Infinity) && held.points !== this.#store.runs.get(run)?.points);
  }
}
