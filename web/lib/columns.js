/**
 * Columns of the runs list: fields, config keys, and metrics with an aggregation.
 * @module
 */
import * as strings from "../strings.js";
import {formatDuration, formatStep, formatTime, formatValue, plainValue} from "../charts/format.js";
import {valueAt} from "./tree.js";

export const AGGREGATES = ["last", "min", "max", "mean"];
/** What they are called. */
export const AGGREGATE_WORDS = {last: strings.statistics.last, min: strings.statistics.min, max: strings.statistics.max, mean: strings.statistics.mean};
/** The aggregation that reads a metric where another one is best. */
export const AT_BEST = "at";

const FIELDS = {
  name: [strings.common.name, (run) => run.name], state: [strings.fields.state, (run) => run.state], tags: [strings.fields.tags, (run) => run.tags.join(", ")],
  group: [strings.fields.group, (run) => run.group], jobType: [strings.fields.jobType, (run) => run.jobType], createdAt: [strings.fields.created, (run) => run.createdAt, (ms) => formatTime(ms)],
  duration: [strings.fields.duration, (run) => run.duration, (ms) => formatDuration(ms / 1000)], lastStep: [strings.common.step, (run) => run.lastStep, formatStep],
  rows: [strings.fields.rows, (run) => run.rows, formatStep], notes: [strings.fields.notes, (run) => run.notes], id: [strings.fields.id, (run) => run.id],
  host: [strings.fields.host, (run) => run.attempts?.at(-1)?.host],
};

/** The columns of the table before anybody chose. */
export const DEFAULT_COLUMNS = ["state", "createdAt", "duration", "lastStep"];

/**
 * A column by its key: a field, `config.a.b`, `summary.METRIC.last`, or `at.OTHER.METRIC` for the metric's value where another one is best.
 * @returns {{key: string, label: string, kind: "field"|"config"|"metric", value: (run) => any, text: (run) => string, plain: (run) => string, numeric: boolean, hint?: (run) => string, unsorted?: string}}
 *   `hint` says more of a cell, `unsorted` why runs cannot be sorted by the column
 */
export function columnOf(key) {
  if (FIELDS[key]) {
    const [label, value, format = textOf] = FIELDS[key];
    return make(key, label, "field", value, (run) => (value(run) === null || value(run) === undefined || value(run) === "" ? "—" : format(value(run))), ["duration", "lastStep", "rows"].includes(key));
  }
  if (key.startsWith("config.")) {
    const path = key.slice(7), value = (run) => valueAt(run.config, path);
    return make(key, path, "config", value, (run) => textOf(value(run)), false);
  }
  const {metric, aggregate, other} = metricOf(key);
  if (aggregate === AT_BEST) return atBestColumn(key, metric, other);
  const value = (run) => numberOf(run.summary?.[metric]?.[aggregate] ?? (aggregate === "last" ? run.summaryValues?.[metric] : undefined));
  return make(key, aggregate === "last" ? metric : `${metric} ${AGGREGATE_WORDS[aggregate]}`, "metric", value, (run) => textOf(value(run)), true);
}

function atBestColumn(key, metric, other) {
  const label = strings.columns.atBest({metric, other}), value = (run) => numberOf(run.atBest?.[key]?.value);
  const hint = (run) => { const at = run.atBest?.[key]; return at ? strings.columns.atBestHint({value: plainValue(value(run)), step: formatStep(at.step), other, best: plainValue(at.best), bestStep: formatStep(at.bestStep)}) : ""; };
  return {...make(key, label, "metric", value, (run) => textOf(value(run)), true), hint,
    unsorted: strings.columns.unsorted({label})};
}

/** The key of a metric's value where another metric is best. */
export const atBestKey = (metric, other) => `${AT_BEST}.${encodeURIComponent(other).replaceAll(".", "%2E")}.${metric}`;

/**
 * Splits `summary.val/acc.max` into metric and aggregation, `at.val%2Facc.loss` also into the other metric; metric names may hold dots.
 * @returns {{metric: string, aggregate: string, other?: string}}
 */
export function metricOf(key) {
  const at = /^at\.([^.]*)\.(.+)$/s.exec(key);
  if (at) return {metric: at[2], aggregate: AT_BEST, other: decoded(at[1])};
  const name = key.replace(/^summary\./, "");
  const end = AGGREGATES.find((aggregate) => name.endsWith(`.${aggregate}`));
  return end ? {metric: name.slice(0, -end.length - 1), aggregate: end} : {metric: name, aggregate: "last"};
}

// A link may have been cut.
const decoded = (text) => { try { return decodeURIComponent(text); } catch { return text; } };

function make(key, label, kind, value, text, numeric) {
  return {key, label, kind, value, text, numeric, plain: (run) => { const found = value(run); return typeof found === "number" ? plainValue(found) : typeof found === "string" ? found : found === null || found === undefined ? "" : JSON.stringify(found); }};
}

/** JSON's words for numbers that it cannot write. */
export const numberOf = (value) => (value === "NaN" ? NaN : value === "Infinity" ? Infinity : value === "-Infinity" ? -Infinity : value);

/** A value for a cell: four digits, words as they are, missing as a dash. */
export function textOf(value) {
  if (value === undefined || value === null) return "—";
  if (typeof value === "number") return formatValue(value);
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}
