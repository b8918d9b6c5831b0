/**
 * Runs as a tree of groups, flattened to rows.
 * @module
 */
import {columnOf, textOf} from "./columns.js";
import {compareNatural} from "./natural.js";

/**
 * @param {any[]} runs in their order  @param {string[]} keys  @param {Set<string>} folded keys of closed groups
 * @returns {RunItem[]}
 *
 * @typedef {({kind: "run", id: string, level: number} | {kind: "group", key: string, label: string, level: number, open: boolean, ids: string[], states: string, runs: any[]})} RunItem
 */
export function groupItems(runs, keys, folded, level = 0, above = "") {
  if (level === keys.length) return runs.map((run) => /** @type {RunItem} */ ({kind: "run", id: run.id, level}));
  const column = columnOf(keys[level]);
  const groups = new Map();
  for (const run of runs) {
    const value = column.value(run);
    const name = value === undefined || value === null || value === "" ? `no ${column.label}` : `${column.label}: ${textOf(value)}`;
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(run);
  }
  return [...groups].sort(([a], [b]) => compareNatural(a, b)).flatMap(([label, members]) => {
    const key = `${above}/${label}`, open = !folded.has(key);
    /** @type {RunItem} */
    const group = {kind: "group", key, label, level, open, ids: members.map((run) => run.id), states: statesOf(members), runs: members};
    return [group, ...(open ? groupItems(members, keys, folded, level + 1, key) : [])];
  });
}

/** `2 running, 5 finished`: running before failed before finished. */
export function statesOf(runs) {
  const order = ["running", "failed", "killed", "finished"];
  return order.map((state) => [state, runs.filter((run) => run.state === state).length]).filter(([, n]) => n).map(([state, n]) => `${n} ${state}`).join(", ");
}

/** Mean, deviation, extremes and count of the finite numbers; `null` without any. */
export function spreadOf(values) {
  const numbers = values.filter((value) => typeof value === "number" && Number.isFinite(value));
  if (numbers.length === 0) return null;
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const variance = numbers.length > 1 ? numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (numbers.length - 1) : 0;
  return {mean, deviation: Math.sqrt(variance), min: Math.min(...numbers), max: Math.max(...numbers), count: numbers.length};
}
