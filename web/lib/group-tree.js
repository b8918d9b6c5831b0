/**
 * Groups of runs, as the server counts them, as a tree, flattened to rows.
 * @module
 *
 * @typedef {{count: number, mean: number, std: number, min: number, max: number}} Spread
 * @typedef {{key: string, label: string, level: number, count: number, states: Record<string, number>, columns: Record<string, Spread>, filter: string|null, children: GroupNode[]}} GroupNode
 *   `filter` lists exactly the runs of a node without children
 * @typedef {{kind: "run", id: string, level: number} | {kind: "wait", group: string, level: number} | {kind: "group", key: string, label: string, level: number, open: boolean, count: number,
 *   ids: string[], states: Record<string, number>, columns: Record<string, Spread>}} RunItem
 *   `ids` are those members that are known, `wait` a member that is not loaded yet
 */
import {columnOf} from "./columns.js";
import {plainValue} from "../charts/format.js";
import * as strings from "../strings.js";

/**
 * The server's groups, which are those of the last key, below those of the keys before.
 * @param {{values: any[], runs: number, states: Record<string, number>, columns: Record<string, Spread>, filter: string}[]} groups  @param {string[]} keys
 * @returns {GroupNode[]}
 */
export function treeOf(groups, keys) {
  const roots = [], byKey = new Map();
  for (const group of groups) {
    let siblings = roots, path = "";
    group.values.forEach((value, level) => {
      path += `/${JSON.stringify(value)}`;
      const isLast = level === keys.length - 1, known = byKey.get(path);
      const own = {count: group.runs, states: group.states, columns: group.columns};
      const node = known ?? {key: path, label: labelOf(keys[level], value), level, ...own, filter: isLast ? group.filter : null, children: []};
      if (known) Object.assign(known, joined(known, own)); else { byKey.set(path, node); siblings.push(node); }
      siblings = node.children;
    });
  }
  return roots;
}

function labelOf(key, value) {
  const {label} = columnOf(key);
  if (value === null || value === undefined || value === "") return strings.groups.without({column: label});
  return `${label}: ${typeof value === "number" ? plainValue(value) : typeof value === "string" ? value : JSON.stringify(value)}`;
}

/** Two groups as one. */
function joined(a, b) {
  const states = {...a.states};
  for (const [state, count] of Object.entries(b.states)) states[state] = (states[state] ?? 0) + count;
  const columns = {...a.columns};
  for (const [key, spread] of Object.entries(b.columns)) columns[key] = columns[key] ? joinedSpread(columns[key], spread) : spread;
  return {count: a.count + b.count, states, columns};
}

/** Spreads of two samples as that of both (Chan, Golub, LeVeque 1979). @param {Spread} a  @param {Spread} b @returns {Spread} */
export function joinedSpread(a, b) {
  if (a.count === 0 || b.count === 0) return a.count ? a : b;
  const count = a.count + b.count, distance = b.mean - a.mean;
  const squares = a.std ** 2 * (a.count - 1) + b.std ** 2 * (b.count - 1) + distance ** 2 * a.count * b.count / count;
  return {count, mean: a.mean + distance * b.count / count, std: count > 1 ? Math.sqrt(squares / (count - 1)) : 0, min: Math.min(a.min, b.min), max: Math.max(a.max, b.max)};
}

/** What numbers come to; those that are missing or not finite are left out. @param {any[]} values @returns {Spread|null} null where none is left */
export function spreadOf(values) {
  const numbers = values.filter((value) => Number.isFinite(value));
  return numbers.length ? numbers.map((value) => ({count: 1, mean: value, std: 0, min: value, max: value})).reduce(joinedSpread) : null;
}

/**
 * The tree as rows; members that are not loaded yet have theirs too, so that nothing moves when they come.
 * @param {GroupNode[]} nodes  @param {(node: GroupNode) => boolean} isOpen  @param {(key: string) => {ids: string[], complete: boolean}|undefined} members
 * @returns {RunItem[]}
 */
export function itemsOf(nodes, isOpen, members) {
  const items = [];
  const add = (node) => {
    const open = isOpen(node), {key, label, level, count, states, columns} = node;
    items.push({kind: "group", key, label, level, open, count, states, columns, ids: idsOf(node, members)});
    if (!open) return;
    node.children.forEach(add);
    if (node.children.length) return;
    const held = members(key) ?? {ids: [], complete: false};
    for (const id of held.ids) items.push({kind: "run", id, level: level + 1});
    for (let i = held.ids.length; i < count && !held.complete; i++) items.push({kind: "wait", group: key, level: level + 1});
  };
  nodes.forEach(add);
  return items;
}

const idsOf = (node, members) => (node.children.length ? node.children.flatMap((child) => idsOf(child, members)) : members(node.key)?.ids ?? []);

/** The nodes without children below one, or that one itself. @param {GroupNode} node @returns {GroupNode[]} */
export const leavesOf = (node) => (node.children.length ? node.children.flatMap(leavesOf) : [node]);

const ORDER = ["running", "failed", "killed", "finished"];

/** `[["running", 2], ["finished", 5]]`: running before failed before finished. @param {Record<string, number>} states @returns {[string, number][]} */
export const statesInOrder = (states) => ORDER.filter((state) => states[state]).map((state) => [state, states[state]]);

/** `2 running, 5 finished` */
export const statesText = (states) => statesInOrder(states).map(([state, count]) => `${count} ${state}`).join(", ");
