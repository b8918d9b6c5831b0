import assert from "node:assert/strict";
import {test} from "node:test";
import {againstBaseline, FormulaError, parseFormula} from "../lib/formula.js";
import {columnsOf} from "../../Tests/web/charts/data.js";

const raw = (points, metric = "loss") => columnsOf(points, 1e6, {metric});
const values = (data) => [...data.mean];

for (const [text, message, at] of [["", "The formula ends too early.", 0], ["loss +", "The formula ends too early.", 6], ["(loss", "A “)” is missing.", 5], ["loss loss", "“loss” was not expected.", 5],
  ["3 * 2", "A formula names at least one metric.", 0], ["ema(loss)", "ema takes 2 values, not 1.", 8], ["sin(loss)", /^There is no function sin; there are log, /, 0], ["ema(loss, 2)", /number from 0 to below 1/, 11]]) {
  test(`a formula “${text}” is refused with its place`, () => {
    assert.throws(() => parseFormula(text), (error) => {
      assert.ok(error instanceof FormulaError);
      if (typeof message === "string") assert.equal(error.message, message); else assert.match(error.message, message);
      return assert.equal(error.at, at) ?? true;
    });
  });
}

test("a formula binds as in school, and names may be quoted", () => {
  const {metrics, evaluate} = parseFormula("-a ^ 2 + `val/loss b` * 3 - (a - 1) / 2");
  const made = evaluate(new Map([["a", raw([[0, 1], [1, 2]])], ["val/loss b", raw([[0, 10], [1, 20]])]]));
  assert.deepEqual(metrics, ["a", "val/loss b"]);
  assert.deepEqual(values(made), [-1 + 30 - 0, -4 + 60 - 0.5]);
  assert.deepEqual([made.raw, made.bucketCount], [true, 2]);
});

test("a sparse metric sets the buckets, and one that is missing leaves no series", () => {
  const dense = raw(Array.from({length: 100}, (_, i) => [i, i])), sparse = raw([[0, 1], [50, 2], [99, 4]]);
  const {evaluate} = parseFormula("dense / sparse");
  assert.deepEqual(values(evaluate(new Map([["dense", dense], ["sparse", sparse]]))), [0, 25, 99 / 4]);
  assert.equal(evaluate(new Map([["dense", dense]])), null);
});

test("each point of the exact result lies inside the band of the buckets", () => {
  const points = (f) => Array.from({length: 1000}, (_, i) => [i, f(i)]);
  const [f, g] = [(i) => Math.sin(i / 9) + (i === 500 ? 30 : 0), (i) => 2 + Math.cos(i / 5)];
  for (const [text, exact] of [["f - g", (i) => f(i) - g(i)], ["f * g", (i) => f(i) * g(i)], ["f / g", (i) => f(i) / g(i)], ["abs(f)", (i) => Math.abs(f(i))],
    ["exp(f / 9)", (i) => Math.exp(f(i) / 9)], ["log10(g)", (i) => Math.log10(g(i))], ["f ^ 2", (i) => f(i) ** 2], ["max(f, g)", (i) => Math.max(f(i), g(i))]]) {
    const made = parseFormula(text).evaluate(new Map([["f", columnsOf(points(f), 50)], ["g", columnsOf(points(g), 50)]]));
    for (let b = 0; b < made.bucketCount; b++) {
      for (let x = made.x0[b]; x <= made.x1[b]; x++) assert.ok(exact(x) >= made.min[b] - 1e-9 && exact(x) <= made.max[b] + 1e-9, `${text} at ${x}`);
    }
  }
});

test("NaN and infinities stay what they are, and are counted", () => {
  const made = parseFormula("a / b").evaluate(new Map([["a", raw([[0, 1], [1, NaN], [2, 3]])], ["b", raw([[0, 0], [1, 1], [2, 2]])]]));
  assert.deepEqual(values(made), [Infinity, NaN, 1.5]);
  assert.deepEqual([made.nan, made.positiveInfinity], [1, 1]);
});

test("a run against its baseline is interpolated inside and ends with it", () => {
  const run = raw([[0, 5], [5, 6], [10, 7], [20, 9]]), baseline = raw([[0, 1], [10, 3]]);
  const difference = againstBaseline(run, baseline, "difference");
  assert.deepEqual([[...difference.x0], values(difference)], [[0, 5, 10], [4, 4, 4]]);
  assert.deepEqual(values(againstBaseline(run, baseline, "ratio")), [5, 3, 7 / 3]);
});

test("ema is debiased and begins with the first value", () => {
  const made = parseFormula("ema(a, 0.5)").evaluate(new Map([["a", raw([[0, 4], [1, 4], [2, 8]])]]));
  assert.deepEqual(values(made).map((v) => Math.round(v * 1e6) / 1e6), [4, 4, Math.round(((4 * 0.125 + 4 * 0.25 + 8 * 0.5) / 0.875) * 1e6) / 1e6]);
});
