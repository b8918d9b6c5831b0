/**
 * Reference lines and bands as a person writes them: `0.9 target`, `0.2 .. 0.3 expected`, one on each line.
 * @module
 * @typedef {{y: number, to?: number, text?: string}} Mark
 */
import * as strings from "../strings.js";


const MARK = /^\s*(-?[\d.]+(?:e[+-]?\d+)?)(?:\s*\.\.\s*(-?[\d.]+(?:e[+-]?\d+)?))?(?:\s+(.*?))?\s*$/i;

/** @param {string} text @returns {{value: Mark[], error?: string}} */
export function parseMarks(text) {
  const value = [];
  for (const line of text.split("\n").filter((each) => each.trim())) {
    const found = MARK.exec(line), y = Number(found?.[1]), to = found?.[2] === undefined ? undefined : Number(found[2]);
    if (!found || !Number.isFinite(y) || (to !== undefined && !Number.isFinite(to))) return {value: [], error: strings.marks.unreadable({line: line.trim()})};
    value.push({y, ...(to === undefined ? {} : {to}), ...(found[3] ? {text: found[3]} : {})});
  }
  return {value};
}

/** @param {Mark[]} marks */
export const formatMarks = (marks) => marks.map(({y, to, text}) => [to === undefined ? y : `${y} .. ${to}`, text].filter((part) => part !== undefined).join(" ")).join("\n");
