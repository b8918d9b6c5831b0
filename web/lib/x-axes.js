/**
 * x-axes that nobody logged as such but that follow from what programs do log and are configured with: samples, tokens, GPU-hours, energy, cost.
 *
 * A logged metric of that name goes before any rule. Else x is the step, or the running time, times numbers of the run's config. Each run has its
 * own factor; a run that lacks a number has no place on such an axis.
 * @module
 * @typedef {import("../charts/series-format.js").SeriesColumns} SeriesColumns
 * @typedef {{id: string, config?: object}} Run
 * @typedef {{factor: number, words: string[]}} Factor  what x is multiplied with, and the paths of its terms
 * @typedef {{label: string, name: string, metric?: string, base: "step"|"running", factors: Map<string, number>, rule: string}} DerivedAxis
 *   `metric` where one is logged, else `factors` by run and the `rule` in words
 */
import * as strings from "../strings.js";
import {flatten} from "./tree.js";

const HOUR = 3600;
const LENGTH = ["sequence_length", "seq_length", "seq_len", "max_seq_length", "context_length", "context_size", "block_size"];
const GPUS = ["gpus", "num_gpus", "n_gpus", "gpu_count", "world_size"];

/**
 * By the name in a view (`of:tokens`): its words, the metrics that are it, what it is a multiple of, and which numbers of the config may be the factor,
 * the first product whose every term is there.
 * @type {Record<string, {label: string, name: string, metrics: string[], base: "step"|"running", per: number, products: string[][][]}>}
 */
const AXES = {
  samples: {label: strings.axes.samples, name: strings.axes.samplesWord, metrics: ["samples", "samples_seen", "examples", "examples_seen", "num_samples"], base: "step", per: 1,
    products: [[["samples_per_step"]], [["global_batch_size", "total_batch_size"]], [["batch_size", "train_batch_size"]]]},
  tokens: {label: strings.axes.tokens, name: strings.axes.tokensWord, metrics: ["tokens", "tokens_seen", "num_tokens", "total_tokens"], base: "step", per: 1,
    products: [[["tokens_per_step", "tokens_per_batch"]], [["global_batch_size", "total_batch_size"], LENGTH], [["batch_size", "train_batch_size"], LENGTH]]},
  gpuHours: {label: strings.axes.gpuHours, name: strings.axes.gpuHours, metrics: ["gpu_hours"], base: "running", per: HOUR, products: [[GPUS]]},
  energy: {label: strings.axes.energy, name: strings.axes.energyWord, metrics: ["energy_kwh", "kwh", "energy"], base: "running", per: 1000 * HOUR,
    products: [[["power_watts", "power_w", "watts"]], [["gpu_power_watts", "gpu_power_w", "watts_per_gpu"], GPUS]]},
  cost: {label: strings.axes.cost, name: strings.axes.costWord, metrics: ["cost", "cost_usd", "cost_eur"], base: "running", per: HOUR,
    products: [[["cost_per_hour", "price_per_hour", "hourly_cost"]], [["cost_per_gpu_hour", "price_per_gpu_hour"], GPUS]]},
};

const PREFIX = "of:";

const plain = (name) => name.toLowerCase().replace(/[-_ ]/g, "");
for (const axis of Object.values(AXES)) axis.products = axis.products.map((product) => product.map((names) => names.map(plain)));
const leaf = (path, separator) => plain(path.slice(path.lastIndexOf(separator) + 1));

/** Numbers of a config by the plain last part of their paths; of equal ones the outermost. @returns {Map<string, {path: string, value: number}>} */
function numbersOf(config) {
  const found = new Map();
  for (const [path, value] of flatten(config)) {
    const key = leaf(path, "."), held = found.get(key);
    if (typeof value === "number" && value > 0 && Number.isFinite(value) && !(held && held.path.split(".").length <= path.split(".").length)) found.set(key, {path, value});
  }
  return found;
}

/** What configs hold; one that changes is another object. Menus look through all runs whenever some come. @type {WeakMap<object, {numbers: ReturnType<typeof numbersOf>, factors: Map<object, Factor|null>}>} */
const known = new WeakMap();

/** @returns {Factor|null} */
function factorOf(axis, {config}) {
  if (!config) return null;
  if (!known.has(config)) known.set(config, {numbers: numbersOf(config), factors: new Map()});
  const {numbers, factors} = known.get(config);
  if (!factors.has(axis)) factors.set(axis, productOf(axis, numbers));
  return factors.get(axis);
}

/** The first product whose terms are all there. @returns {Factor|null} */
function productOf(axis, numbers) {
  for (const product of axis.products) {
    const terms = product.map((names) => names.map((name) => numbers.get(name)).find(Boolean));
    if (terms.every(Boolean)) return {factor: terms.reduce((made, {value}) => made * value, 1) / axis.per, words: terms.map(({path}) => path)};
  }
  return null;
}

/**
 * What an axis is for these runs. @param {string} x as in a view, `of:tokens`  @param {Run[]} runs  @param {{name: string}[]} metrics
 * @returns {DerivedAxis|null} null for a name that is none
 */
export function derivedAxis(x, runs, metrics) {
  const axis = AXES[x.slice(PREFIX.length)];
  if (!axis) return null;
  const {label, name, base} = axis, metric = axis.metrics.map(plain).map((wanted) => metrics.find((each) => leaf(each.name, "/") === wanted)).find(Boolean)?.name;
  if (metric) return {label, name, metric, base, factors: new Map(), rule: ""};
  const found = runs.map((run) => /** @type {const} */ ([run.id, factorOf(axis, run)])).filter(([, made]) => made);
  const rules = new Set(found.map(([, made]) => [base === "step" ? strings.axes.stepWord : strings.axes.runningTimeWord, ...made.words].join(" × ")));
  return {label, name, base, factors: new Map(found.map(([id, made]) => [id, made.factor])), rule: [...rules].slice(0, 2).join(strings.axes.or)};
}

/** The derived axes that at least one of these runs has. @param {Run[]} runs  @param {{name: string}[]} metrics @returns {[string, string, string][]} value, label, rule */
export function derivedChoices(runs, metrics) {
  return Object.keys(AXES).flatMap((key) => {
    const {label, metric, factors, rule} = derivedAxis(PREFIX + key, runs, metrics);
    return metric || factors.size ? [/** @type {[string, string, string]} */ ([PREFIX + key, label, metric ? strings.axes.asLogged({metric}) : rule])] : [];
  });
}

/**
 * A question on a derived axis as questions on the axis below it: one for each factor, so that each has its own range. Runs without one are left out.
 * @template {{runs: string[], from?: number, to?: number, group?: object}} Question
 * @param {Question} question  @param {DerivedAxis} axis @returns {Question[]} one without runs if nothing can be asked: members of a group need one factor
 */
export function perFactor(question, {factors}) {
  const alike = new Map();
  for (const run of question.runs) if (factors.has(run)) alike.set(factors.get(run), [...(alike.get(factors.get(run)) ?? []), run]);
  if (alike.size === 0 || (question.group && alike.size > 1)) return [{...question, runs: []}];
  return [...alike].map(([factor, runs]) => ({...question, runs, ...(question.from === undefined ? {} : {from: question.from / factor, to: question.to / factor})}));
}

/** Answers on the axis below, as they lie on the derived one. @param {SeriesColumns[]} series  @param {DerivedAxis} axis  @param {import("./derive.js").Derivations} derivations */
export function scaledSeries(series, {factors}, derivations) {
  const common = [...factors.values()][0];
  return series.map((data) => {
    const factor = data.run === null ? common : factors.get(data.run) ?? NaN, scale = (x) => x * factor;
    return derivations.of(`scaled\n${factor}\n${JSON.stringify(data.group)}${data.run}\n${data.metric}`, [data], () => ({...data, x0: Float64Array.from(data.x0, scale), x1: Float64Array.from(data.x1, scale),
      firstX: scale(data.firstX), lastX: scale(data.lastX), domain: /** @type {[number, number]} */ (data.domain.map(scale))}));
  });
}
