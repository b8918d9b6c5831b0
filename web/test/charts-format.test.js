import assert from "node:assert/strict";
import {test} from "node:test";
import {formatAgo, formatBytes, formatClockTicks, formatDuration, formatDurationTicks, formatStep, formatTickAlone, formatTicks, formatTime, formatValue, plainValue} from "../charts/format.js";
import {colorIn, DASHES, oklab, PALETTE, parseColor, runColor, runDash, spreadColors, viridis} from "../charts/colors.js";
import {quote} from "../charts/summary.js";

test("values have four digits, integers stay integers", () => {
  const cases = [[0.123456, "0.1235"], [32, "32"], [-0.5, "\u22120.5"], [0, "0"], [1e-5, "1e\u22125"], [0.00001234, "1.234e\u22125"], [123456, "123456"], [12345678, "1.235e7"],
    [99999.7, "1e5"], [3.14159, "3.142"], [NaN, "NaN"], [Infinity, "+Inf"], [-Infinity, "\u2212Inf"], [undefined, "—"], [null, "—"]];
  for (const [value, text] of cases) assert.equal(formatValue(value), text);
});

test("copies are ASCII with all digits", () => {
  assert.equal(plainValue(-0.1 - 0.2), "-0.30000000000000004");
  assert.equal(plainValue(NaN), "NaN");
  assert.equal(plainValue(null), "");
});

test("steps have thin spaces", () => {
  assert.equal(formatStep(1234567), "1\u2009234\u2009567");
  assert.equal(formatStep(-1000), "\u22121\u2009000");
  assert.equal(formatStep(2.5), "2.5");
});

test("axis labels are short and tell ticks apart", () => {
  assert.deepEqual(formatTicks([0, 500, 1000, 1500]), ["0", "500", "1k", "1.5k"]);
  assert.deepEqual(formatTicks([0.0002, 0.0003]), ["0.0002", "0.0003"]);
  assert.deepEqual(formatTicks([3400000, 3500000]), ["3.4M", "3.5M"]);
  assert.deepEqual(formatTicks([1234567, 1234568]), ["1\u2009234\u2009567", "1\u2009234\u2009568"]);
  assert.deepEqual(formatTicks([-1, -0.5, 0]), ["\u22121", "\u22120.5", "0"]);
  for (const ticks of [[0.1, 0.12, 0.14], [1e-7, 2e-7], [999.5, 1000, 1000.5], [2.5, 5, 7.5], [0, 2500, 5000, 7500], [1e9, 1.00001e9]]) {
    assert.equal(new Set(formatTicks(ticks)).size, ticks.length, formatTicks(ticks).join(" "));
  }
});

test("a label alone keeps three digits", () => {
  for (const [value, text] of [[0.895, "0.895"], [0.9, "0.9"], [12.5, "12.5"], [1.2, "1.2"], [1250, "1.25k"], [1e6, "1M"], [1e-6, "1e\u22126"], [-0.02, "\u22120.02"], [0, "0"], [2.5e-7, "2.5e\u22127"]]) assert.equal(formatTickAlone(value), text);
});

test("durations and bytes", () => {
  for (const [seconds, text] of [[4984, "1h 23m 04s"], [64, "1m 04s"], [4.2, "4.2 s"], [0.85, "850 ms"], [90061, "1d 01h 01m"], [0, "0 s"], [NaN, "—"]]) assert.equal(formatDuration(seconds), text);
  assert.deepEqual(formatDurationTicks([0, 300, 5400]), ["0", "5m", "1h 30m"]);
  for (const [bytes, text] of [[0, "0 B"], [1536, "1.5 KiB"], [3 * 2 ** 30, "3 GiB"]]) assert.equal(formatBytes(bytes), text);
});

test("times are relative within a day, else exact", () => {
  const now = Date.UTC(2026, 10, 21, 1, 36);
  assert.equal(formatAgo(now - 180_000, now), "3 min ago");
  assert.equal(formatAgo(now - 2 * 86_400_000, now, {utc: true}), "19 Nov 2026 01:36");
  assert.equal(formatTime(now, {utc: true, seconds: true}), "21 Nov 2026 01:36:00");
  assert.deepEqual(formatClockTicks([now / 1000 - 5760, now / 1000 - 5760 + 3600], {utc: true}), ["00:00", "01:00"]);
  assert.deepEqual(formatClockTicks([1763589600 - 3600 * 22, 1763589600 - 3600 * 10, 1763589600 + 3600 * 2], {utc: true})[2], "20 Nov");
});

test("colours repeat after 16 runs and the line style tells them apart", () => {
  assert.equal(runColor(17, "light"), PALETTE.light[1]);
  assert.deepEqual([0, 15, 16, 40, 63, 64].map(runDash), [0, 0, 1, 2, 3, 0]);
  assert.equal(DASHES.length, 4);
  assert.equal(new Set([...PALETTE.light, ...PALETTE.dark]).size, 32);
});

test("palette colours are exchanged between themes, own colours stay", () => {
  assert.equal(colorIn(PALETTE.light[5], "dark"), PALETTE.dark[5]);
  assert.equal(colorIn("#123456", "dark"), "#123456");
  assert.equal(colorIn(3, "dark"), PALETTE.dark[3]);
});

test("spread colours are distinct and far apart", () => {
  const places = spreadColors(8, "light");
  assert.equal(new Set(places).size, 8);
  const labs = places.map((p) => oklab(parseColor(PALETTE.light[p])));
  const least = Math.min(...labs.flatMap((a, i) => labs.slice(i + 1).map((b) => Math.hypot(...a.map((v, k) => v - b[k])))));
  assert.ok(least > 0.14, `least distance ${least}`);
});

test("every palette colour has 3:1 on its ground", () => {
  const luminance = (c) => parseColor(c).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4)).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  for (const [theme, ground] of [["light", "#ffffff"], ["dark", "#14171c"]]) {
    for (const color of PALETTE[theme]) {
      const [a, b] = [luminance(color), luminance(ground)].sort((x, y) => y - x);
      assert.ok((a + 0.05) / (b + 0.05) >= 3, `${color} on ${ground}`);
    }
  }
});

test("viridis runs from purple to yellow and never leaves its ends", () => {
  assert.deepEqual(viridis(0), [68, 1, 84]);
  assert.deepEqual(viridis(1), [253, 231, 37]);
  assert.deepEqual(viridis(7), viridis(1));
});

test("a CSV field cannot run as a formula", () => {
  assert.equal(quote("=cmd()"), "'=cmd()");
  assert.equal(quote("-0.5"), "-0.5");
  assert.equal(quote('a "b", c'), '"a ""b"", c"');
});
