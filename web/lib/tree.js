/**
 * Nested config as flat paths, and the differences of several.
 * @module
 */
import {compareNatural} from "./natural.js";

/** Flattens nested objects to dotted paths; arrays and empty objects stay values. @returns {Map<string, any>} */
export function flatten(value, prefix = "", into = new Map()) {
  if (isBranch(value)) {
    for (const [key, child] of Object.entries(value)) flatten(child, prefix ? `${prefix}.${key}` : key, into);
  } else if (prefix) {
    into.set(prefix, value);
  }
  return into;
}

const isBranch = (value) => value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).length > 0;

/** A value by its dotted path, also where a key itself holds dots. */
export function valueAt(value, path) {
  if (value === null || typeof value !== "object") return undefined;
  if (Object.hasOwn(value, path)) return value[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const child = value[path.slice(0, dot)];
    const found = child && typeof child === "object" ? valueAt(child, path.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Equal as data: key order does not count. */
export function equal(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}

/**
 * One row for each path that occurs in any of the values.
 * @param {any[]} values  @param {{ignore?: string[]}} options paths with `*` that are left out
 * @returns {{path: string, cells: any[], differs: boolean}[]} `undefined` is a missing cell
 */
export function compareValues(values, {ignore = []} = {}) {
  const flats = values.map((value) => flatten(value ?? {}));
  const ignored = ignore.map(globPattern);
  const paths = new Set(flats.flatMap((flat) => [...flat.keys()]));
  return [...paths].filter((path) => !ignored.some((pattern) => pattern.test(path))).sort(compareNatural).map((path) => {
    const cells = flats.map((flat) => flat.get(path));
    return {path, cells, differs: cells.some((cell) => !equal(cell, cells[0]))};
  });
}

/** A pattern with `*` for anything. */
export const globPattern = (glob) => new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*")}$`, "i");

/**
 * The words that differ between two texts: longest common subsequence over words.
 * @returns {{text: string, kind: "same"|"removed"|"added"}[]} O(n·m) for n and m words; beyond 400 words the whole text
 */
export function wordDiff(before, after) {
  const a = before.split(/(\s+)/), b = after.split(/(\s+)/);
  if (a.length > 400 || b.length > 400) return [{text: before, kind: "removed"}, {text: after, kind: "added"}];
  const table = commonLengths(a, b);
  const parts = [];
  const add = (text, kind) => (parts.at(-1)?.kind === kind ? (parts.at(-1).text += text) : parts.push({text, kind}));
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) { add(a[i], "same"); i++; j++; } else if (table[i + 1][j] >= table[i][j + 1]) add(a[i++], "removed"); else add(b[j++], "added");
  }
  while (i < a.length) add(a[i++], "removed");
  while (j < b.length) add(b[j++], "added");
  return parts;
}

function commonLengths(a, b) {
  const table = Array.from({length: a.length + 1}, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
  }
  return table;
}

/** A config as YAML. Keys and texts that YAML would read as something else are quoted. */
export function toYAML(value, indent = "") {
  if (!isBranch(value) && !Array.isArray(value)) return `${indent}${yamlScalar(value)}\n`;
  const entries = Array.isArray(value) ? value.map((child) => ["-", child]) : Object.entries(value).map(([key, child]) => [`${yamlScalar(key)}:`, child]);
  return entries.map(([head, child]) => {
    const nested = isBranch(child) || (Array.isArray(child) && child.some((each) => each !== null && typeof each === "object"));
    return nested ? `${indent}${head}\n${toYAML(child, `${indent}  `)}` : `${indent}${head} ${yamlScalar(child)}\n`;
  }).join("");
}

function yamlScalar(value) {
  if (value === null || value === undefined) return "null";
  if (typeof value !== "string") return JSON.stringify(value);
  const plain = /^[A-Za-z_][\w./+-]*( [\w./+-]+)*$/.test(value) && !/^(true|false|null|yes|no|on|off|nan|inf|y|n)$/i.test(value);
  return plain ? value : JSON.stringify(value);
}

/** A config as command-line flags: `--optimizer.lr 0.001`. */
export const toFlags = (value) => [...flatten(value)].map(([path, leaf]) => {
  const text = typeof leaf === "string" ? leaf : JSON.stringify(leaf);
  return `--${path} ${/^[\w./:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`}`;
}).join(" ");
