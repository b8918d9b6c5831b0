/**
 * What happened in runs, read once for each: events they logged, restarts, findings; with what places them on time axes.
 * @module
 * @typedef {import("../lib/event-places.js").RunMark} RunMark
 */
import * as strings from "../strings.js";
import {get} from "../api.js";
import {runningSeconds} from "../lib/event-places.js";

export class RunEvents {
  #store;
  /** @type {Map<string, RunMark[]>} */ #marks = new Map();

  /** @param {import("./project.js").ProjectStore} store */
  constructor(store) { this.#store = store; }

  /** What is known of a run. @returns {RunMark[]} */
  of(id) { return this.#marks.get(id) ?? []; }

  /** Reads those runs that were not read yet. @param {string[]} ids */
  async load(ids) {
    const unknown = ids.filter((id) => !this.#marks.has(id));
    for (const id of unknown) this.#marks.set(id, []);
    await Promise.all(unknown.map(async (id) => { try { this.#marks.set(id, await this.#read(id)); } catch { this.#marks.delete(id); } }));
    if (unknown.length) this.#store.changed("events");
  }

  /** Reads a run again, if anybody wanted it. */
  refresh(id) { if (this.#marks.delete(id)) this.load([id]); }

  async #read(id) {
    const held = this.#store.runs.get(id), path = `/runs/${encodeURIComponent(id)}`;
    // Lists leave attempts out; those of a run say where it was resumed.
    const [{events}, {attempts = [], startedAt}] = await Promise.all([get(`${path}/events`), held?.attempts ? held : get(path)]);
    // A run in good health has nothing to mark.
    const {findings} = held && !held.health ? {findings: []} : await get(`${path}/findings`);
    const found = findings.filter(({muted, firstStep}) => !muted && firstStep !== undefined).map(({firstStep, title, metric}) => ({step: firstStep, kind: "finding", title, metric}));
    const restarts = attempts.slice(1).map((attempt) => ({step: attempt.resumeStep ?? 0, time: attempt.startedAt * 1000, kind: "restart", title: strings.run.restart({number: attempt.number})}));
    return [...events.filter((event) => event.step !== null && event.step !== undefined), ...restarts, ...found]
      .map((event) => ({...event, run: id, seconds: runningSeconds(event.time, attempts.length ? attempts : [{number: 1, startedAt}])}));
  }
}
