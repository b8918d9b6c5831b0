/**
 * Media of a run by name and step: which steps there are, and what to show at one.
 * @module
 * @typedef {{name: string, step: number, kind: string, digest: string, size: number, contentType: string, caption?: string, pending: boolean}} Medium
 */
import * as strings from "../strings.js";


/** All steps, ascending. @param {Medium[]} media @returns {number[]} */
export const stepsOf = (media) => [...new Set(media.map(({step}) => step))].sort((a, b) => a - b);

/** The step nearest to the one wanted; of two as near the earlier. @param {number[]} steps ascending @returns {number|null} */
export function nearestStep(steps, wanted) {
  if (steps.length === 0) return null;
  return steps.reduce((best, step) => (Math.abs(step - wanted) < Math.abs(best - wanted) ? step : best));
}

/**
 * What each name has at the step nearest to the one wanted, in the order of `names`.
 * @param {Medium[]} media  @param {{name: string, kind: string}[]} names  @param {number} wanted
 * @returns {{name: string, kind: string, step: number, media: Medium[]}[]}
 */
export function mediaAt(media, names, wanted) {
  return names.flatMap(({name, kind}) => {
    const own = media.filter((each) => each.name === name && each.kind === kind), step = nearestStep(stepsOf(own), wanted);
    return step === null ? [] : [{name, kind, step, media: own.filter((each) => each.step === step)}];
  });
}

/**
 * A logged table (docs/formats/table.md), checked. @param {any} body
 * @returns {{columns: {name: string, type: string}[], rows: any[][]}}
 * @throws {Error} what is wrong with it
 */
export function readTable(body) {
  const {version, columns, rows} = body ?? {};
  if (!(version >= 1) || !Array.isArray(columns) || !Array.isArray(rows)) throw new Error(strings.media.notATable);
  const wrong = rows.findIndex((row) => !Array.isArray(row) || row.length !== columns.length);
  if (wrong >= 0) throw new Error(strings.media.badRow({row: wrong + 1, cells: columns.length}));
  return {columns, rows};
}

/** Rows in the order of a column; missing cells and NaN last, numbers by size, all else by its text. @param {any[][]} rows */
export function sortRows(rows, column, down) {
  const missing = (row) => row[column] === null || row[column] === undefined || row[column] === "NaN", sign = down ? -1 : 1;
  const number = (value) => (typeof value === "number" ? value : value === "Infinity" ? Infinity : value === "-Infinity" ? -Infinity : NaN);
  const compare = (a, b) => {
    const [x, y] = [number(a[column]), number(b[column])];
    return Number.isNaN(x) || Number.isNaN(y) ? String(a[column]).localeCompare(String(b[column]), "en", {numeric: true}) : x === y ? 0 : x - y;
  };
  return [...rows].sort((a, b) => Number(missing(a)) - Number(missing(b)) || (missing(a) ? 0 : sign * compare(a, b)));
}
