/**
 * The groups of a project's runs: counted and summed up by the server over all runs that match, their members read as they are looked at.
 * @module
 */
import {get, query} from "../api.js";
import {itemsOf, leavesOf, treeOf} from "../lib/group-tree.js";
import {Changing} from "./signal.js";

const PAGE = 100, GROUPS = 10_000, REFRESH_MS = 1000;
/** Up to so many runs, groups begin open. */
const FEW = 100;

/** @fires change */
export class RunGroups extends Changing {
  /** @type {import("../lib/group-tree.js").RunItem[]} */ items = [];
  /** The groups of the last key as the server answered them, and the keys it was asked for. */ answer = {by: [], groups: []};
  #store; #query = null; #nodes = []; #matched = 0; #turned = new Set(); #generation = 0; #timer = 0;
  /** @type {Map<string, {ids: string[], cursor: string|null, complete: boolean, loading: Promise<void>|null}>} */ #members = new Map();
  /** Nodes by key. */ #byKey = new Map();

  /** @param {import("./project.js").ProjectStore} store */
  constructor(store) { super(); this.#store = store; }

  close() { clearTimeout(this.#timer); this.#generation++; }

  /** @param {{by: string[], filter: string, sort: string, columns: string[]}} wanted `columns` are those whose numbers are summed up */
  async read(wanted) {
    const before = this.#query && JSON.stringify([this.#query.by, this.#query.filter, this.#query.sort]);
    if (before !== JSON.stringify([wanted.by, wanted.filter, wanted.sort])) this.#members.clear();
    if (before && this.#query.by.join() !== wanted.by.join()) this.#turned.clear();
    this.#query = wanted;
    await this.#read();
  }

  /** Reads the counts again, soon; members of groups that changed follow. */
  refresh() {
    if (!this.#query || this.#timer) return;
    this.#timer = setTimeout(() => { this.#timer = 0; this.#read(); }, REFRESH_MS);
  }

  async #read() {
    const generation = ++this.#generation, {by, filter, columns} = this.#query;
    const groups = [];
    try {
      for (let total = 1; groups.length < total;) {
        const answer = await get(`${this.#store.path}/groups${query({by: by.join(","), filter, columns: columns.join(","), limit: GROUPS, offset: groups.length || ""})}`);
        if (generation !== this.#generation) return;
        groups.push(...answer.groups);
        [total, this.#matched] = [answer.groups.length ? answer.total : 0, answer.matched];
      }
    } catch { return; }                                            // the list beside it says what is wrong
    const before = this.#byKey;
    this.answer = {by, groups};
    this.#nodes = treeOf(groups, by);
    this.#byKey = new Map(this.#nodes.flatMap(function all(node) { return [[node.key, node], ...node.children.flatMap(all)]; }));
    for (const [key, held] of this.#members) {
      if (!this.#byKey.has(key)) this.#members.delete(key);
      else if (before.get(key)?.count !== this.#byKey.get(key).count) this.#load(key, Math.max(held.ids.length, PAGE), true);
    }
    this.#draw();
  }

  #draw() {
    this.items = itemsOf(this.#nodes, (node) => this.#isOpen(node), (key) => this.#members.get(key));
    this.changed("groups");
  }

  #isOpen(node) { return (node.children.length > 0 || this.#matched <= FEW) !== this.#turned.has(node.key); }

  toggle(key) {
    if (!this.#turned.delete(key)) this.#turned.add(key);
    this.#draw();
  }

  /** Loads what is to be seen in these rows. */
  need(first, last) {
    for (const item of this.items.slice(first, last)) if (item.kind === "wait") { this.#load(item.group, PAGE); return; }
  }

  /** @param {boolean} again reads from the start, and shows what was there until then */
  #load(key, limit, again = false) {
    const held = this.#members.get(key) ?? {ids: [], cursor: null, complete: false, loading: null};
    this.#members.set(key, held);
    if (again) held.loading = null;
    return held.loading ??= this.#page(key, held, limit, again);
  }

  async #page(key, held, limit, again) {
    const {sort} = this.#query;
    try {
      const answer = await get(`${this.#store.path}/runs${query({filter: this.#filterOf(key), sort, limit, cursor: again ? "" : held.cursor})}`);
      if (this.#members.get(key) !== held) return;
      this.#store.keep(answer.runs);
      held.ids = [...(again ? [] : held.ids), ...answer.runs.map((run) => run.id)];
      [held.cursor, held.complete] = [answer.nextCursor ?? null, !answer.nextCursor];
    } catch { held.complete = true; } finally { held.loading = null; }
    if (this.#members.get(key) === held) this.#draw();
  }

  #filterOf(key) {
    const own = this.#byKey.get(key).filter, {filter} = this.#query;
    return filter ? `(${filter}) and ${own}` : own;
  }

  /** All members of a group, also those that were not loaded. @returns {Promise<string[]>} */
  async members(key) {
    const node = this.#byKey.get(key);
    if (!node) return [];
    const lists = await Promise.all(leavesOf(node).map(async (leaf) => {
      const held = this.#members.get(leaf.key);
      if (held?.complete) return held.ids;
      const {runs} = await get(`${this.#store.path}/runs${query({filter: this.#filterOf(leaf.key), limit: GROUPS})}&columns=`);
      this.#store.keepBrief(runs);
      return runs.map((run) => run.id);
    }));
    return lists.flat();
  }
}
