/** Which runs log a histogram, so that charts of several runs ask for what there is. @module */
import {get} from "../api.js";

/** Runs whose bands are drawn in one chart, and those that are looked at to find them. */
export const MOST_DRAWN = 8;
const MOST_ASKED = 40;

/** By store, promises of names by run. @type {WeakMap<object, Map<string, Promise<string[]>>>} */
const known = new WeakMap();

function namesOf(store, run) {
  const held = known.get(store) ?? follow(store);
  if (!held.has(run)) held.set(run, get(`/runs/${run}/histograms`).then(({histograms}) => histograms.map(({name}) => name), () => { held.delete(run); return []; }));
  return held.get(run);
}

/** What runs begin to log while the page is open is added. */
function follow(store) {
  const held = new Map();
  known.set(store, held);
  store.addEventListener("histograms", ({detail: {run, names}}) => { if (held.has(run)) held.set(run, held.get(run).then((before) => [...new Set([...before, ...names])])); });
  return held;
}

/** @param {any} store  @param {string[]} runs @returns {Promise<string[]>} what the first of these runs log */
export async function histogramNames(store, runs) {
  return [...new Set((await Promise.all(runs.slice(0, MOST_DRAWN).map((run) => namesOf(store, run)))).flat())];
}

/** @param {any} store  @param {string[]} runs @returns {Promise<string[]>} the first of these runs that log the histogram */
export async function runsWith(store, runs, name) {
  const found = [];
  for (let at = 0; at < Math.min(runs.length, MOST_ASKED) && found.length < MOST_DRAWN; at += MOST_DRAWN) {
    const some = runs.slice(at, at + MOST_DRAWN), names = await Promise.all(some.map((run) => namesOf(store, run)));
    found.push(...some.filter((_, i) => names[i].includes(name)));
  }
  return found.slice(0, MOST_DRAWN);
}
