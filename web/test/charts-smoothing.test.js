import assert from "node:assert/strict";
import {test} from "node:test";
import {gaussianWidth, smooth} from "../charts/smoothing.js";
import {random} from "../../Tests/web/charts/data.js";

const next = random(21);
const x = Array.from({length: 300}, (_, i) => i * (1 + (i % 3)) + i), y = x.map(() => next() * 4 - 2);
x.sort((a, b) => a - b);
const close = (a, b) => assert.ok(a.length === b.length && a.every((v, i) => Math.abs(v - b[i]) <= 1e-9 * (1 + Math.abs(b[i])) || (Number.isNaN(v) && Number.isNaN(b[i]))), "not equal");

test("no amount leaves values as they are", () => {
  for (const kind of ["timeEMA", "ema", "gaussian", "average"]) assert.deepEqual([...smooth(x, y, {kind, amount: 0})], y);
});

test("EMA is the debiased mean, written out", () => {
  const s = 0.8;
  const expected = y.map((_, k) => {
    let weight = 0, sum = 0;
    for (let j = 0; j <= k; j++) { const w = (1 - s) * s ** (k - j); sum += w * y[j]; weight += w; }
    return sum / weight;
  });
  close([...smooth(x, y, {kind: "ema", amount: s})], expected);
});

test("time-weighted EMA is the weighted mean by distance in x, written out", () => {
  const amount = 0.5, extent = x.at(-1) - x[0], w = Math.min(Math.sqrt(amount), 0.999);
  const expected = y.map((_, k) => {
    let weight = 0, sum = 0;
    for (let j = 0; j <= k; j++) { const a = w ** ((1000 * (x[k] - x[j])) / extent); sum += a * y[j]; weight += a; }
    return sum / weight;
  });
  close([...smooth(x, y, {kind: "timeEMA", amount})], expected);
});

test("Gaussian and running average equal their sums, written out", () => {
  const sigma = gaussianWidth(0.3, x.at(-1) - x[0]);
  const gaussian = x.map((center) => {
    let weight = 0, sum = 0;
    x.forEach((at, j) => { if (Math.abs(at - center) <= 6 * sigma) { const w = Math.exp(-((at - center) ** 2) / (2 * sigma * sigma)); sum += w * y[j]; weight += w; } });
    return sum / weight;
  });
  close([...smooth(x, y, {kind: "gaussian", amount: 0.3})], gaussian);
  const average = y.map((_, k) => { const part = y.slice(Math.max(0, k - 3), k + 4); return part.reduce((a, b) => a + b, 0) / part.length; });
  close([...smooth(x, y, {kind: "average", amount: 7})], average);
});

test("an even window counts as the next odd", () => {
  close([...smooth(x, y, {kind: "average", amount: 6})], [...smooth(x, y, {kind: "average", amount: 7})]);
});

test("NaN and infinity pass through and count nowhere", () => {
  const holed = [...y];
  holed[40] = NaN; holed[41] = Infinity;
  const without = {x: x.filter((_, i) => i !== 40 && i !== 41), y: y.filter((_, i) => i !== 40 && i !== 41)};
  for (const [kind, amount] of [["timeEMA", 0.7], ["ema", 0.9], ["gaussian", 0.2], ["average", 9]]) {
    const all = [...smooth(x, holed, {kind, amount})];
    assert.ok(Number.isNaN(all[40]) && all[41] === Infinity, kind);
    close(all.filter((_, i) => i !== 40 && i !== 41), [...smooth(without.x, without.y, {kind, amount})]);
  }
});

test("a constant series stays exactly as it is", () => {
  const flat = x.map(() => 0.1);
  for (const [kind, amount] of [["ema", 0.99], ["timeEMA", 0.9], ["average", 5]]) close([...smooth(x, flat, {kind, amount})], flat);
  assert.deepEqual([...smooth(x, flat, {kind: "ema", amount: 0.99})], flat);
});
