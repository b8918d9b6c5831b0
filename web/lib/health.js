/**
 * Findings as the page shows them: their steps and numbers in words, their evidence as lines.
 * @module
 *
 * @typedef {object} Finding as the server answers it
 * @property {string} kind  @property {"error"|"warning"|"info"} severity  @property {string} metric empty for what concerns the whole run
 * @property {number} [firstStep]  @property {number} [lastStep]  @property {{name: string, value: number|string}[]} numbers what the rule used
 * @property {"run"|"project"} [muted]  @property {string} title  @property {string} why  @property {string} advice  @property {string} rule
 */
import {formatStep, formatValue} from "../charts/format.js";
import * as strings from "../strings.js";

/** A text whose numbers stay on one line: between digits a thin space would be a place to break. @param {string} text */
export const withWholeNumbers = (text) => text.replace(/(\d)\u2009(?=\d)/g, "$1\u202f");

/** `at step 40`, `steps 961 to 1 199`; empty where steps say nothing. @param {Finding} finding */
export function stepsOf({firstStep, lastStep}) {
  if (firstStep === undefined || firstStep === null) return "";
  return lastStep === firstStep ? strings.health.atStep({step: formatStep(firstStep)}) : strings.health.steps({from: formatStep(firstStep), to: formatStep(lastStep)});
}

/** What the rule used: `points concerned 239 · points 1 200`. @param {Finding} finding */
export const numbersOf = ({numbers}) => numbers.map(({name, value}) => `${name} ${Number.isInteger(value) ? formatStep(value) : formatValue(Number(value))}`).join(" · ");

/** The steps that a chart shows around a finding. @param {Finding} finding @returns {[number, number]} */
export function rangeAround({firstStep, lastStep}) {
  const room = Math.max(10, (lastStep - firstStep) * 0.25);
  return [Math.max(0, firstStep - room), lastStep + room];
}

/**
 * A series as a small picture: the greatest and the mean values as lines, and where the finding lies.
 * @param {{domain: number[], bucketCount: number, x1: ArrayLike<number>, mean: ArrayLike<number>, min: ArrayLike<number>, max: ArrayLike<number>}} series
 * @param {Finding} finding  @param {number} width  @param {number} height
 * @returns {{lines: string[], from: number, width: number}} points of SVG polylines, and the mark in pixels
 */
export function evidenceOf(series, {firstStep, lastStep}, width, height) {
  const [a, b] = series.domain, places = [], clamp = (x) => Math.max(0, Math.min(width, x));
  for (let i = 0; i < series.bucketCount; i++) if (Number.isFinite(series.mean[i]) && series.max[i] >= series.min[i]) places.push(i);
  let low = Infinity, high = -Infinity;
  for (const i of places) { low = Math.min(low, series.min[i]); high = Math.max(high, series.max[i]); }
  const x = (step) => ((step - a) / (b - a || 1)) * width, y = (value) => height - 3 - ((height - 6) * (value - low)) / (high - low || 1);
  const line = (column) => places.map((i) => `${x(series.x1[i]).toFixed(1)} ${y(column[i]).toFixed(1)}`).join(" ");
  const from = clamp(x(firstStep)), to = clamp(x(lastStep)), wide = Math.max(2, to - from);
  return {lines: places.length > 1 ? [line(series.max), line(series.mean)] : [], from: Math.min(from, width - wide), width: wide};
}
