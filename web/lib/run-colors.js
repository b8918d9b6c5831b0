/**
 * Colours of the shown runs in a view: their own, the most distinct ones, or by a key of theirs.
 * @module
 * @typedef {{of: (run: {id: string, color: number}) => {color: string, dash: number}, legend: {label: string, color: string}[], scale: {low: number, high: number, label: string}|null}} RunColors
 */
import {PALETTE, runColor, runDash, spreadColors, viridisHex} from "../charts/colors.js";
import * as strings from "../strings.js";
import {columnOf, textOf} from "./columns.js";

export const SPREAD = "spread";
/** Spread colours are for this many runs; beyond, none are distinct any more. */
const MOST_SPREAD = 16;
const MISSING = {light: "#7d8694", dark: "#717b8a"};

/**
 * @param {string} by empty for the runs' own, `spread`, or the key of a column  @param {any[]} runs those that are shown  @param {"light"|"dark"} theme
 * @returns {RunColors|null} null for the runs' own
 */
export function runColors(by, runs, theme) {
  if (!by) return null;
  if (by === SPREAD) return runs.length <= MOST_SPREAD ? spread(runs, theme) : null;
  const column = columnOf(by), values = new Map(runs.map((run) => [run.id, column.value(run)]));
  const numbers = [...values.values()].filter((value) => typeof value === "number" && Number.isFinite(value));
  const isNumeric = numbers.length > 0 && [...values.values()].every((value) => value === undefined || value === null || typeof value === "number") && new Set(numbers).size > 2;
  return isNumeric ? byNumber(column, values, numbers, theme) : byValue(values, theme);
}

function spread(runs, theme) {
  const places = spreadColors(runs.length, theme), byRun = new Map(runs.map((run, i) => [run.id, places[i]]));
  return {of: (run) => ({color: PALETTE[theme][byRun.get(run.id) ?? run.color % 16], dash: 0}), legend: [], scale: null};
}

/** Categories in the order of their text, so that the same values have the same colours with other runs too as long as none is new. */
function byValue(values, theme) {
  const texts = [...new Set([...values.values()].filter((value) => value !== undefined && value !== null).map(textOf))].sort();
  const numberOf = new Map(texts.map((text, i) => [text, i]));
  const look = (value) => { const i = numberOf.get(textOf(value)); return value === undefined || value === null || i === undefined ? {color: MISSING[theme], dash: 1} : {color: runColor(i, theme), dash: runDash(i)}; };
  const missing = [...values.values()].some((value) => value === undefined || value === null);
  return {of: (run) => look(values.get(run.id)), legend: [...texts.map((label) => ({label, color: look(label).color})), ...(missing ? [{label: strings.colors.missing, color: MISSING[theme]}] : [])], scale: null};
}

/** Learning rates and the like span decades: those are coloured by their logarithm. */
function byNumber(column, values, numbers, theme) {
  const low = Math.min(...numbers), high = Math.max(...numbers), isLog = low > 0 && high / low >= 10;
  const place = (value) => (isLog ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low));
  // The ends that come too near to the background are left out.
  const shade = (t) => viridisHex(theme === "dark" ? 0.15 + 0.85 * t : 0.8 * t);
  return {of: (run) => { const value = values.get(run.id); return Number.isFinite(value) ? {color: shade(place(value)), dash: 0} : {color: MISSING[theme], dash: 1}; },
    legend: [0, 0.25, 0.5, 0.75, 1].map((t) => ({label: "", color: shade(t)})), scale: {low, high, label: isLog ? strings.colors.logScale({label: column.label}) : column.label}};
}
