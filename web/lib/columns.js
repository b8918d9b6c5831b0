/**
 * Columns of the runs list: fields, config keys, and metrics with an aggregation.
 * @module
 */
import {formatDuration, formatStep, formatTime, formatValue, plainValue} from "../charts/format.js";
import {valueAt} from "./tree.js";

export const AGGREGATES = ["last", "min", "max", "mean"];

const FIELDS = {
  name: ["Name", (run) => run.name], state: ["State", (run) => run.state], tags: ["Tags", (run) => run.tags.join(", ")],
  group: ["Group", (run) => run.group], jobType: ["Job type", (run) => run.jobType], createdAt: ["Created", (run) => run.createdAt, (ms) => formatTime(ms)],
  duration: ["Duration", (run) => run.duration, (ms) => formatDuration(ms / 1000)], lastStep: ["Step", (run) => run.lastStep, formatStep],
  rows: ["Rows", (run) => run.rows, formatStep], notes: ["Notes", (run) => run.notes], id: ["Id", (run) => run.id],
  host: ["Host", (run) => run.attempts?.at(-1)?.host],
};

/** The columns of the table before anybody chose. */
export const DEFAULT_COLUMNS = ["state", "createdAt", "duration", "lastStep"];

/**
 * A column by its key: a field, `config.a.b`, or `summary.METRIC.last`.
 * @returns {{key: string, label: string, kind: "field"|"config"|"metric", value: (run) => any, text: (run) => string, plain: (run) => string, numeric: boolean}}
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
  const {metric, aggregate} = metricOf(key);
  const value = (run) => numberOf(run.summary?.[metric]?.[aggregate] ?? (aggregate === "last" ? run.summaryValues?.[metric] : undefined));
  return make(key, aggregate === "last" ? metric : `${metric} ${aggregate}`, "metric", value, (run) => textOf(value(run)), true);
}

/** Splits `summary.val/acc.max` into metric and aggregation; metric names may hold dots. */
export function metricOf(key) {
  const name = key.replace(/^summary\./, "");
  const end = AGGREGATES.find((aggregate) => name.endsWith(`.${aggregate}`));
  return end ? {metric: name.slice(0, -end.length - 1), aggregate: end} : {metric: name, aggregate: "last"};
}

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
