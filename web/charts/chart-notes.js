/**
 * What a chart says about itself in its head: values that have no place, what is cut, what is smoothed, that it is zoomed.
 * @module
 */
import {formatStep, formatValue} from "./format.js";

const KINDS = {timeEMA: "time EMA", ema: "EMA", gaussian: "Gaussian", average: "average"};

/** The unit and smoothing, as words beside the title. */
export function unitOf({unit, smoothing, yScale, aggregate}) {
  const words = [unit ?? ""];
  if (aggregate === "last") words.push("last of each bucket");
  if (smoothing?.amount > 0) words.push(`${KINDS[smoothing.kind] ?? smoothing.kind} ${formatValue(smoothing.amount, 3)}`);
  if (yScale && yScale !== "linear") words.push(yScale === "log" ? "log" : "symlog");
  return words.filter(Boolean).join(" · ");
}

/**
 * @param {import("./chart-model.js").ChartModel} model  @param {object} options
 * @param {{reset: () => void, showOutliers: () => void, useSymlog: () => void}} acts
 * @returns {{text: string, kind?: string, act?: () => void, hint?: string}[]}
 */
export function chipsOf(model, options, {reset, showOutliers, useSymlog}) {
  const chips = [];
  const {nan, positiveInfinity, negativeInfinity} = model.unplaced;
  const bad = [[nan, "NaN"], [positiveInfinity, "+Inf"], [negativeInfinity, "\u2212Inf"]].filter(([n]) => n > 0);
  if (bad.length) chips.push({text: bad.map(([n, word]) => `${formatStep(n)} ${word}`).join(", "), kind: "error", hint: "Values that have no place on the axis; marked at the edge of the plot"});
  const {count, exact} = model.dropped;
  if (count) chips.push({text: `${exact ? "" : "≥ "}${formatStep(count)} ${count === 1 ? "value" : "values"} ≤ 0 not shown`, kind: "warn", act: useSymlog, hint: "A log axis has no place for them; press for symlog, which has"});
  if (model.outliers) {
    const n = model.outliers.outside;
    chips.push({text: `${formatStep(n)} ${n === 1 ? "point" : "points"} outside ▴ show`, act: showOutliers, hint: "The y-range leaves out what lies beyond the 1st and 99th percentile"});
  }
  const few = model.traces.filter(({data}) => data.group && data.runs && Math.max(...data.runs) < 3).length;
  if (few) chips.push({text: `${few} ${few === 1 ? "group" : "groups"} of n < 3`, kind: "warn", hint: "A band over fewer than three runs says little"});
  if (model.range || model.yRange) chips.push({text: options.live ? "live ▸" : "reset zoom", act: reset, hint: "Show the whole range (double click, or Esc)"});
  return chips;
}
