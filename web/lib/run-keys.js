/**
 * Keys and values that the loaded runs have: for suggestions and for choosing columns.
 * @module
 */
import * as strings from "../strings.js";
import {flatten} from "./tree.js";
import {compareNatural} from "./natural.js";

const MOST_RUNS = 1000, MOST_VALUES = 40;
const cache = new WeakMap();

/** The catalogue of a store, built again when runs were added. */
export function catalogueOf(store) {
  const held = cache.get(store);
  const stamp = `${store.runs.size}:${store.metrics.length}`;
  if (held?.stamp === stamp) return held.catalogue;
  const catalogue = {config: new Map(), tags: new Map(), states: new Map(), groups: new Map()};
  let seen = 0;
  for (const run of store.runs.values()) {
    if (seen++ >= MOST_RUNS) break;
    for (const [path, value] of flatten(run.config ?? {})) count(at(catalogue.config, path), typeof value === "string" ? value : JSON.stringify(value));
    for (const tag of run.tags ?? []) count(catalogue.tags, tag);
    count(catalogue.states, run.state);
    if (run.group) count(catalogue.groups, run.group);
  }
  cache.set(store, {stamp, catalogue});
  return catalogue;
}

const at = (map, key) => { if (!map.has(key)) map.set(key, new Map()); return map.get(key); };
const count = (map, value) => { if (map.size < MOST_VALUES || map.has(value)) map.set(value, (map.get(value) ?? 0) + 1); };
const values = (map) => [...map].sort((a, b) => b[1] - a[1]).map(([value, n]) => ({value, count: n}));

/** Keys for the filter's suggestions, with their values and counts. @returns {import("./filter.js").FilterKey[]} */
export function keysOf(store) {
  const {config, tags, states, groups} = catalogueOf(store);
  return [
    {name: "state", values: values(states), note: strings.filter.stateNote}, {name: "tag", values: values(tags), note: strings.filter.tagNote},
    ...(groups.size ? [{name: "group", values: values(groups), note: strings.filter.groupNote}] : []), {name: "name", note: strings.filter.nameNote},
    ...[...config].map(([path, held]) => ({name: path, values: values(held), note: strings.filter.configNote})),
    ...store.metrics.map(({name}) => ({name: `last(${name})`, note: strings.filter.metricNote})),
    ...store.metrics.map(({name}) => ({name: `best(${name})`, note: strings.filter.metricNote})),
    {name: "archived", values: FLAGS, note: strings.filter.archivedNote}, {name: "deleted", values: FLAGS, note: strings.filter.deletedNote},
    {name: "created", note: strings.filter.createdNote}, {name: "duration", note: strings.filter.durationNote},
  ];
}

const FLAGS = [{value: "true", count: ""}, {value: "false", count: ""}];

/** Config paths in natural order. */
export const configPaths = (store) => [...catalogueOf(store).config.keys()].sort(compareNatural);
