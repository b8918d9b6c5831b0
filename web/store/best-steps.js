/**
 * Values of metrics where another metric of the run is best, for the runs in view: the server reads them from histories, so they are asked for row by row.
 * @module
 */
import {post} from "../api.js";
import {AT_BEST, metricOf} from "../lib/columns.js";
import {spreadOf} from "../lib/group-tree.js";

/** Runs and pairs in one question. */
const RUNS = 1000, PAIRS = 8;
/** Runs that go on are asked for again at most this often. */
const REFRESH_MS = 2000;

export const isAtBest = (key) => metricOf(key).aggregate === AT_BEST;

export class BestSteps {
  #store; #keys = []; #rows = []; #timer = 0; #last = 0; #groups = new Map();
  /** How many points a run had when it was asked for, by run and key. @type {Map<string, number>} */ #asked = new Map();

  /** @param {import("./project.js").ProjectStore} store */
  constructor(store) { this.#store = store; }

  close() { clearTimeout(this.#timer); this.#timer = -1; }

  /**
   * Says what is in view; what is missing of it is read soon. @param {string[]} keys of columns, of any kind  @param {import("../lib/group-tree.js").RunItem[]} rows
   * @param {import("./run-groups.js").RunGroups} groups
   */
  need(keys, rows, groups) {
    [this.#keys, this.#rows] = [keys.filter(isAtBest), rows];
    if (!this.#keys.length || this.#timer) return;
    this.#timer = setTimeout(async () => {
      this.#last = Date.now();
      try { await this.#read(groups); } catch { /* the server is away, and the page says so: asked again with the next change */ }
      if (this.#timer !== -1) this.#timer = 0;
    }, Math.max(0, this.#last + REFRESH_MS - Date.now()) * (this.#isNew() ? 0 : 1));
  }

  /** Whether something in view was never asked for: that does not wait. */
  #isNew() {
    return this.#rows.some((item) => (item.kind === "run" && this.#keys.some((key) => !this.#asked.has(`${item.id} ${key}`)))
      || (item.kind === "group" && this.#groups.get(item.key)?.keys !== this.#keys.join()));
  }

  async #read(groups) {
    await this.load(this.#rows.flatMap((item) => (item.kind === "run" ? [item.id] : [])), this.#keys);
    for (const item of this.#rows) if (item.kind === "group") await this.#readGroup(item, groups);
  }

  /** What a group's members come to. All count, or none: where there are more than one question holds, the cell stays empty. */
  async #readGroup({key, count}, groups) {
    const keys = this.#keys, stamp = `${count} ${this.#store.turns}`, held = this.#groups.get(key);
    if (count > RUNS || (held?.stamp === stamp && held.keys === keys.join())) return;
    const ids = await groups.members(key);
    await this.load(ids, keys);
    const columns = Object.fromEntries(keys.map((each) => [each, spreadOf(ids.map((id) => this.#store.runs.get(id)?.atBest?.[each]?.value))]).filter(([, spread]) => spread));
    this.#groups.set(key, {stamp, keys: keys.join(), columns});
    this.#store.changed("runs");
  }

  /** Rows with what is known of their groups. @param {import("../lib/group-tree.js").RunItem[]} items */
  withGroups(items) {
    if (!this.#groups.size) return items;
    return items.map((item) => (item.kind === "group" && this.#groups.has(item.key) ? {...item, columns: {...item.columns, ...this.#groups.get(item.key).columns}} : item));
  }

  /** Reads what is not known, or no longer true, of these runs. @param {string[]} ids  @param {string[]} keys */
  async load(ids, keys) {
    const {runs} = this.#store, wanted = keys.filter(isAtBest);
    const stale = ids.filter((id) => runs.has(id) && wanted.some((key) => this.#asked.get(`${id} ${key}`) !== runs.get(id).points));
    for (let at = 0; at < stale.length; at += RUNS) {
      for (let first = 0; first < wanted.length; first += PAIRS) await this.#ask(stale.slice(at, at + RUNS), wanted.slice(first, first + PAIRS));
    }
    if (stale.length) this.#store.changed("runs");
  }

  async #ask(ids, keys) {
    const {runs} = this.#store, points = new Map(ids.map((id) => [id, runs.get(id).points]));
    const pairs = keys.map((key) => { const {metric, other} = metricOf(key); return {metric, at: other}; });
    const {values} = await post("/series/best", {runs: ids, pairs});
    const found = new Map(values.map((value) => [`${value.run} ${value.at}\n${value.metric}`, value]));
    for (const id of ids) {
      const run = runs.get(id);
      if (!run) continue;                                         // deleted meanwhile
      const own = keys.map((key, i) => [key, found.get(`${id} ${pairs[i].at}\n${pairs[i].metric}`)]);
      runs.set(id, {...run, atBest: {...run.atBest, ...Object.fromEntries(own)}});
      for (const key of keys) this.#asked.set(`${id} ${key}`, points.get(id));
    }
  }
}
