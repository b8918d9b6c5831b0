import assert from "node:assert/strict";
import {test} from "node:test";
import {linear, log, makeScale, niceRange, symlog, symlogConstant} from "../charts/scales.js";
import {linearTicks, logTicks, symlogTicks, timeTicks} from "../charts/ticks.js";
import {random} from "../../Tests/web/charts/data.js";

test("a log scale has no place for zero and below", () => {
  assert.ok(Number.isNaN(log.forward(0)) && Number.isNaN(log.forward(-3)));
  assert.equal(log.forward(1000), 3);
});

test("every scale takes back what it gave", () => {
  const next = random(1);
  for (const scale of [linear, log, symlog(1e-3), symlog(10)]) {
    for (let i = 0; i < 200; i++) {
      const value = (scale === log ? 1 : next() < 0.5 ? -1 : 1) * 10 ** (12 * next() - 6);
      assert.ok(Math.abs(scale.inverse(scale.forward(value)) - value) <= 1e-9 * Math.abs(value), `${scale.kind} ${value}`);
    }
  }
});

test("symlog is odd, passes zero, and keeps order", () => {
  const scale = symlog(symlogConstant(-500, 8000));
  assert.equal(scale.forward(0), 0);
  assert.equal(scale.forward(-7), -scale.forward(7));
  const places = [-500, -1, -0.01, 0, 0.01, 1, 500, 8000].map(scale.forward);
  assert.deepEqual(places, [...places].sort((a, b) => a - b));
});

test("a range never cuts the data and wastes less than a quarter on each side", () => {
  const next = random(2);
  for (let i = 0; i < 500; i++) {
    const low = (next() - 0.5) * 10 ** (8 * next() - 4), high = low + 10 ** (8 * next() - 5);
    const [a, b] = niceRange(low, high);
    assert.ok(a <= low && b >= high, `${low}…${high} became ${a}…${b}`);
    assert.ok(low - a <= 0.2500001 * (high - low) && b - high <= 0.2500001 * (high - low), `${low}…${high} became ${a}…${b}`);
  }
});

test("a constant stands in the middle of its range", () => {
  for (const constant of [0, 3e-4, -12, 5e9]) {
    const [low, high] = niceRange(constant, constant);
    assert.ok(low < constant && high > constant);
    assert.ok(Math.abs((low + high) / 2 - constant) <= 1e-12 * Math.abs(constant));
  }
  assert.deepEqual(niceRange(0, 0), [-1, 1]);
});

test("a log range holds its data", () => {
  const [low, high] = niceRange(1e-5, 300, makeScale("log"));
  assert.ok(low < 1e-5 && low > 1e-6 && high > 300 && high < 1e3);
});

test("linear ticks are round and inside", () => {
  assert.deepEqual(linearTicks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(linearTicks(-0.3, 0.3, 6), [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]);
  assert.deepEqual(linearTicks(3, 5, 10, true), [3, 4, 5]);
  assert.deepEqual(linearTicks(7, 7, 4), [7]);
});

test("log ticks are decades, with parts where there is room", () => {
  assert.deepEqual(logTicks(1e-4, 10, 6), [1e-4, 1e-3, 0.01, 0.1, 1, 10]);
  assert.deepEqual(logTicks(1, 10, 6), [1, 2, 5, 10]);
  assert.ok(logTicks(1e-12, 1e12, 5).length <= 7);
});

test("symlog ticks hold zero and both signs", () => {
  const ticks = symlogTicks(-100, 1000, 9, 0.1);
  assert.ok(ticks.includes(0) && ticks.some((t) => t < 0) && ticks.some((t) => t > 0));
  assert.deepEqual(ticks, [...ticks].sort((a, b) => a - b));
});

test("time ticks fall on round clock times of the zone", () => {
  const utc = timeTicks(1763689000, 1763689000 + 6 * 3600, 6);
  assert.ok(utc.length >= 5 && utc.every((t) => t % 3600 === 0));
  assert.ok(timeTicks(1763689000, 1763689000 + 6 * 3600, 6, 1800).every((t) => (t + 1800) % 3600 === 0));
  assert.deepEqual(timeTicks(0, 1800, 6), [0, 300, 600, 900, 1200, 1500, 1800]);
});
