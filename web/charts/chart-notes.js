/**
 * What a chart says about itself in its head: values that have no place, what is cut, what is smoothed, that it is zoomed.
 * @module
 */
import * as strings from "../strings.js";
import {formatStep, formatValue} from "./format.js";

const KINDS = {timeEMA: strings.smoothing.timeEMAWord, ema: strings.smoothing.ema, gaussian: strings.smoothing.gaussian, average: strings.smoothing.averageWord};

/** The unit and smoothing, as words beside the title. */
export function unitOf({unit, smoothing, yScale, aggregate}) {
  const words = [unit ?? ""];
  if (aggregate === "last") words.push(strings.chart.lastOfBucketWord);
  if (smoothing?.amount > 0) words.push(`${KINDS[smoothing.kind] ?? smoothing.kind} ${formatValue(smoothing.amount, 3)}`);
  if (yScale && yScale !== "linear") words.push(yScale === "log" ? strings.chart.log : strings.chart.symlog);
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
  if (bad.length) chips.push({text: bad.map(([n, word]) => `${formatStep(n)} ${word}`).join(", "), kind: "error", hint: strings.chart.unplacedHint});
  const {count, exact} = model.dropped;
  if (count) chips.push({text: strings.chart.notShown({least: exact ? "" : "≥ ", shown: formatStep(count), count}), kind: "warn", act: useSymlog, hint: strings.chart.notShownHint});
  if (model.outliers) {
    const n = model.outliers.outside;
    chips.push({text: strings.chart.outside({shown: formatStep(n), count: n}), act: showOutliers, hint: strings.chart.outsideHint});
  }
  const disturbed = disturbedChip(model.disturbed);
  if (disturbed) chips.push(disturbed);
  const few = model.traces.filter(({data}) => data.group && data.runs && Math.max(...data.runs) < 3).length;
  if (few) chips.push({text: strings.chart.fewRuns({count: few}), kind: "warn", hint: strings.chart.fewRunsHint});
  if (model.range || model.yRange) chips.push({text: options.live ? strings.chart.live : strings.chart.resetZoomWord, act: reset, hint: strings.chart.resetZoomHint});
  return chips;
}

/** Steps that came late or again: drawn in step order, and worth knowing of. @param {{late: number, repeated: {name: string, count: number}[]}} disturbed */
function disturbedChip({late, repeated}) {
  if (!late && !repeated.length) return null;
  const words = !late ? strings.chart.repeatedSteps : repeated.length ? strings.chart.repeatedAndLate({shown: formatStep(late)}) : strings.chart.lateSteps({shown: formatStep(late), count: late});
  const runs = repeated.map(({name, count}) => `${name}: ${formatStep(count)}`).join(", ");
  return {text: words, kind: "warn", hint: [late ? strings.chart.lateStepsHint : "", runs ? strings.chart.repeatedStepsHint({runs}) : ""].filter(Boolean).join(" ")};
}
