/**
 * The view of the page on the screen: the address is its home, undo its memory, saved views its names.
 * @module
 */
import {setSearch} from "../router.js";
import {defaultView, formatView, parseView, sameView} from "../lib/url-state.js";
import {History} from "../lib/history.js";
import {Changing} from "./signal.js";

/** @fires change with the names of the fields that changed */
export class ViewStore extends Changing {
  #history;
  isPrompt = true;
  /** When somebody last changed it, on the page's clock. */ changedAt = 0;
  /** The saved view this one began as. @type {{id: string, name: string, state: any, updatedAt: number}|null} */ saved = null;

  constructor(search = location.search) {
    super();
    this.#history = new History(parseView(search));
  }

  /** @returns {import("../lib/url-state.js").View} */
  get now() { return this.#history.now; }
  get canUndo() { return this.#history.canUndo; }
  get canRedo() { return this.#history.canRedo; }
  /** Begins again with a stored view, which cannot be undone. @param {{id: string, name: string, state: any, updatedAt: number}} stored */
  begin({id, name, state: stored, updatedAt}) {
    const state = parseView(formatView({...defaultView(), ...stored}));
    this.#history = new History(state);
    this.saved = {id, name, state, updatedAt};
    this.#show(["all"]);
  }

  get edited() { return this.saved ? !sameView(this.now, parseView(formatView(this.saved.state))) : false; }

  /** Changes fields; changes with the same `key` that follow quickly undo as one. */
  set(fields, {key = null} = {}) {
    const next = {...this.now, ...fields};
    if (sameView(next, this.now)) return;
    this.changedAt = performance.now();
    this.#history.push(next, {key, time: this.changedAt});
    this.#show(Object.keys(fields));
  }

  /** Changes settings of one chart; a setting of `undefined` goes back to the workspace's. */
  setChart(metric, settings, options) {
    const charts = {...this.now.charts};
    const merged = Object.fromEntries(Object.entries({...charts[metric], ...settings}).filter(([, value]) => value !== undefined && value !== null));
    if (Object.keys(merged).length) charts[metric] = merged; else delete charts[metric];
    this.set({charts}, options);
  }

  undo() { if (this.#history.undo()) this.#show(["undo"]); }
  redo() { if (this.#history.redo()) this.#show(["undo"]); }

  /** Takes the view that an address holds: back, forward, or a followed link. */
  read(search = location.search) {
    const next = parseView(search);
    if (sameView(next, this.now)) return;
    this.#history.push(next);
    this.changed("all");
  }

  #show(fields) {
    setSearch(formatView(this.now));
    for (const field of fields) this.changed(field);
  }
}
