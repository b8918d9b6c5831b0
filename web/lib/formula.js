/**
 * Formulas over metrics, and differences to a baseline: computed on buckets with intervals, so that what a bucket hides stays inside the band.
 *
 * Grammar: `a + b`, `a - b`, `a * b`, `a / b`, `a ^ n`, `-a`, `( )`, numbers, names, names in backticks, and the functions of `FUNCTIONS`.
 * @module
 * @typedef {import("../charts/series-format.js").SeriesColumns} SeriesColumns
 * @typedef {[number, number, number]} Interval least, middle and greatest value of a bucket
 */
import * as strings from "../strings.js";
import {intervalsOf, joinOn, seriesOf} from "./intervals.js";

/** What is wrong with a formula, and where. */
export class FormulaError extends Error {
  /** @param {string} message  @param {number} at place in the text */
  constructor(message, at) { super(message); this.at = at; }
}

const monotone = (f) => ([low, middle, high]) => [f(low), f(middle), f(high)];
const positive = (f) => ([low, middle, high]) => (high > 0 ? [low > 0 ? f(low) : f(Math.max(middle, Number.MIN_VALUE)), f(middle), f(high)] : [NaN, NaN, NaN]);
const both = (f) => (a, b) => {
  const corners = [f(a[0], b[0]), f(a[0], b[2]), f(a[2], b[0]), f(a[2], b[2])];
  return [Math.min(...corners), f(a[1], b[1]), Math.max(...corners)];
};
const magnitude = ([low, middle, high]) => [low <= 0 && high >= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high)), Math.abs(middle), Math.max(Math.abs(low), Math.abs(high))];
// Where the divisor may be 0 the quotient has no bounds; its middle still says where the line is.
const divide = (a, b) => { const middle = a[1] / b[1]; return b[0] <= 0 && b[2] >= 0 ? [middle, middle, middle] : both((x, y) => x / y)(a, b); };
const power = (a, b) => { const made = both((x, y) => x ** y)(a, b); if (a[0] < 0 && a[2] > 0 && b[1] % 2 === 0) made[0] = Math.min(made[0], 0); return made; };

/** Functions and how many arguments they take. `ema(a, s)` smooths over buckets and is computed apart. @type {Record<string, [number, Function|null]>} */
export const FUNCTIONS = {
  log: [1, positive(Math.log)], log10: [1, positive(Math.log10)], log2: [1, positive(Math.log2)], sqrt: [1, positive(Math.sqrt)], exp: [1, monotone(Math.exp)],
  abs: [1, magnitude], min: [2, both(Math.min)], max: [2, both(Math.max)], ema: [2, null],
};
const OPERATORS = {"+": (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]], "-": (a, b) => [a[0] - b[2], a[1] - b[1], a[2] - b[0]], "*": both((x, y) => x * y), "/": divide, "^": power};
const RANK = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3};

/**
 * Reads a formula. @param {string} text
 * @returns {{metrics: string[], evaluate: (series: Map<string, SeriesColumns>) => SeriesColumns|null}} `evaluate` answers null when a metric is missing
 * @throws {FormulaError}
 */
export function parseFormula(text) {
  const tree = new Parser(text).read(), metrics = [...new Set(namesOf(tree))];
  if (metrics.length === 0) throw new FormulaError(strings.formula.noMetric, 0);
  return {metrics, evaluate: (series) => evaluate(tree, metrics, series)};
}

const namesOf = (node) => (node.name !== undefined ? [node.name] : (node.parts ?? []).flatMap(namesOf));

class Parser {
  #tokens; #at = 0; #end;

  constructor(text) {
    this.#tokens = [...text.matchAll(/\s*(?:(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)|([A-Za-z_][\w.]*)|`([^`]+)`|(\S))/gy)].map((m) => ({number: m[1], word: m[2], quoted: m[3], sign: m[4], at: m.index + m[0].length - (m[1] ?? m[2] ?? m[4] ?? `\`${m[3]}\``).length}));
    this.#end = text.length;
  }

  read() {
    const tree = this.#sum(0);
    if (this.#now) this.#fail(strings.formula.unexpected({word: this.#words(this.#now)}));
    return tree;
  }

  get #now() { return this.#tokens[this.#at]; }
  #words(token) { return token.number ?? token.word ?? token.quoted ?? token.sign; }
  #fail(what) { throw new FormulaError(`${what}.`, this.#now?.at ?? this.#end); }
  #take(sign) { if (this.#now?.sign !== sign) return false; this.#at += 1; return true; }
  #need(sign) { if (!this.#take(sign)) this.#fail(strings.formula.missing({sign})); }

  #sum(least) {
    let left = this.#unary();
    for (let rank; (rank = RANK[this.#now?.sign]) > least;) {
      const {sign} = this.#now;
      this.#at += 1;
      left = {operator: sign, parts: [left, this.#sum(sign === "^" ? rank - 1 : rank)]};
    }
    return left;
  }

  #unary() { return this.#take("-") ? {operator: "-", parts: [{value: 0}, this.#sum(RANK["*"])]} : this.#primary(); }

  #primary() {
    const token = this.#now;
    if (!token) this.#fail(strings.formula.endsEarly);
    this.#at += 1;
    if (token.number !== undefined) return {value: Number(token.number)};
    if (token.quoted !== undefined) return {name: token.quoted};
    if (token.sign === "(") { const inner = this.#sum(0); this.#need(")"); return inner; }
    if (token.word === undefined) { this.#at -= 1; this.#fail(strings.formula.unexpected({word: token.sign})); }
    if (!this.#take("(")) return {name: token.word};
    return this.#call(token);
  }

  #call(token) {
    const known = FUNCTIONS[token.word];
    if (!known) { this.#at -= 2; this.#fail(strings.formula.unknownFunction({name: token.word, known: Object.keys(FUNCTIONS).join(", ")})); }
    const parts = [this.#sum(0)];
    while (this.#take(",")) parts.push(this.#sum(0));
    this.#need(")");
    if (parts.length !== known[0]) { this.#at -= 1; this.#fail(strings.formula.arity({name: token.word, wanted: known[0], given: parts.length})); }
    if (token.word === "ema" && !(parts[1].value >= 0 && parts[1].value < 1)) { this.#at -= 1; this.#fail(strings.formula.emaRange); }
    return {call: token.word, parts};
  }
}

/** @returns {SeriesColumns|null} on the buckets of the metric that has the fewest */
function evaluate(tree, metrics, series) {
  const held = metrics.map((name) => series.get(name));
  if (held.some((data) => !data || data.bucketCount === 0)) return null;
  const grid = held.reduce((a, b) => (b.bucketCount < a.bucketCount ? b : a));
  const columns = new Map(metrics.map((name, i) => [name, held[i] === grid ? intervalsOf(grid) : joinOn(grid, held[i])]));
  return seriesOf(grid, compute(tree, columns, grid.bucketCount));
}

/** @returns {(Interval|null)[]} one for each bucket; null where a part is not known */
function compute(node, columns, n) {
  if (node.value !== undefined) return Array(n).fill([node.value, node.value, node.value]);
  if (node.name !== undefined) return columns.get(node.name);
  const parts = node.parts.map((part) => compute(part, columns, n));
  if (node.call === "ema") return ema(parts[0], node.parts[1].value);
  const act = node.call ? FUNCTIONS[node.call][1] : OPERATORS[node.operator];
  return parts[0].map((first, i) => (first === null || parts.some((part) => part[i] === null) ? null : act(...parts.map((part) => part[i]))));
}

/** As TensorBoard's smoothing: debiased, gaps do not count. */
function ema(values, weight) {
  let sum = 0, share = 1;
  return values.map((value) => {
    if (value === null || !Number.isFinite(value[1])) return value;
    sum = weight * sum + (1 - weight) * value[1];
    share *= weight;
    const smooth = sum / (1 - share);
    return [smooth, smooth, smooth];
  });
}

/**
 * A run as its difference or ratio to another. @param {SeriesColumns} data  @param {SeriesColumns} baseline  @param {"difference"|"ratio"} how
 * @returns {SeriesColumns} on the buckets of `data`, without those before the baseline's beginning or after its end. O(n + m)
 */
export function againstBaseline(data, baseline, how) {
  const other = joinOn(data, baseline), act = OPERATORS[how === "ratio" ? "/" : "-"];
  return seriesOf(data, intervalsOf(data).map((value, i) => (value === null || other[i] === null ? null : act(value, other[i]))));
}
