import assert from "node:assert/strict";
import {test} from "node:test";
import {ChartModel} from "../charts/chart-model.js";
import {bucketAt, nearestRuns, REACH} from "../charts/hit-test.js";
import {bandColumns, Columns, rasterise, standouts, BAND_OPACITY} from "../charts/paint-envelope.js";
import {hasMarkers, linePath} from "../charts/paint-lines.js";
import {LineColumns, lineColumns, paintColumns} from "../charts/paint-dense.js";
import {edgeMarks} from "../charts/paint-marks.js";
import {select, withoutOutliers, yExtent} from "../charts/extent.js";
import {exportSVG} from "../charts/export-svg.js";
import {summarise, summaryText, tracesAsCSV} from "../charts/summary.js";
import {THEMES} from "../charts/theme.js";
import {selection} from "../charts/gestures.js";
import {placeTooltip} from "../charts/tooltip.js";
import {placesOf} from "../charts/trace.js";
import {columnsOf, curve, random} from "../../Tests/web/charts/data.js";

const entry = (points, {buckets = 1000, ...rest} = {}) => ({run: rest.run ?? "r", name: "run", metric: "loss", color: "#0d3cc0", dash: 0, data: {...columnsOf(points, buckets), firstX: points[0]?.[0], lastX: points.at(-1)?.[0]}, ...rest});

function chart(series, options = {}, [width, height] = [400, 200]) {
  const model = new ChartModel();
  model.update(series, options);
  if (options.range) model.range = options.range;
  model.layout(width);
  return {model, view: model.view(width, height, 1), places: (i) => placesOf(model.traces[i], model.xScale, model.yScale)};
}

class Path {
  steps = [];
  moveTo(x, y) { this.steps.push(["M", x, y]); }
  lineTo(x, y) { this.steps.push(["L", x, y]); }
}

const flat = (n, y = 1) => Array.from({length: n}, (_, i) => [i, y]);

test("twelve one-step spikes in 20 runs are in the band and in the range, at any width", () => {
  const next = random(11);
  const series = Array.from({length: 20}, (_, n) => {
    const points = curve(n, 2000);
    const spikes = n < 12 ? [Math.floor(next() * 2000)] : [];
    for (const at of spikes) points[at][1] = 40 + n;
    return {...entry(points, {run: `r${n}`, buckets: 300}), spikes};
  });
  for (const width of [150, 333, 1200]) {
    const {model, view, places} = chart(series, {}, [width, 200]);
    assert.ok(model.y[1] >= 51);
    series.forEach(({spikes}, n) => {
      for (const at of spikes) {
        const columns = new Columns(width);
        bandColumns(model.traces[n], places(n), view, columns);
        const place = Math.floor(((at - view.x0) / (view.x1 - view.x0)) * width);
        const top = Math.min(...[-2, -1, 0, 1, 2].map((d) => columns.top[place + d] ?? 9999));
        const wanted = ((view.y1 - (40 + n)) / (view.y1 - view.y0)) * 200;
        assert.ok(Math.abs(top - wanted) <= 1, `run ${n}, width ${width}: ${top} is not ${wanted}`);
        assert.ok(standouts(model.traces[n], places(n), view).some(([c, from]) => Math.abs(c - place) <= 3 && Math.abs(from - wanted) < 0.01), `run ${n} stands out`);
      }
    });
  }
});

test("noise does not stand out", () => {
  const {model, view, places} = chart([entry(curve(9, 100000), {buckets: 1000})]);
  assert.ok(standouts(model.traces[0], places(0), view).length <= 10);
});

test("bands are painted once in each column, from the greatest to the least value", () => {
  const {model, view, places} = chart([entry(curve(3, 4000), {buckets: 1000})]);
  const columns = new Columns(400);
  assert.equal(bandColumns(model.traces[0], places(0), view, columns), true);
  const image = {data: new Uint8ClampedArray(400 * 200 * 4), width: 400, height: 200};
  rasterise([{columns, color: [10, 20, 30]}], image);
  for (let c = 20; c < 380; c += 30) {
    for (let y = 0; y < 200; y++) {
      const alpha = image.data[(y * 400 + c) * 4 + 3];
      assert.equal(alpha, y >= columns.top[c] && y <= columns.bottom[c] ? Math.round(255 * BAND_OPACITY) : 0);
    }
  }
});

test("bands on each other deepen and mix, whatever their order", () => {
  const columns = new Columns(1), other = new Columns(1);
  [columns.top[0], columns.bottom[0], other.top[0], other.bottom[0]] = [0, 9, 5, 14];
  const paint = (bands) => { const image = {data: new Uint8ClampedArray(80), width: 1, height: 20}; rasterise(bands, image); return [...image.data]; };
  const a = {columns, color: [200, 0, 0]}, b = {columns: other, color: [0, 0, 100]};
  assert.deepEqual(paint([a, b]), paint([b, a]));
  assert.deepEqual(paint([a, b]).slice(7 * 4, 8 * 4), [100, 0, 50, Math.round(255 * (1 - 0.82 ** 2))]);
});

test("NaN breaks the line, single points between gaps are drawn, marks sit at their step", () => {
  const points = flat(100);
  points[30][1] = NaN; points[32][1] = NaN; points[60][1] = Infinity; points[80][1] = -Infinity;
  const {model, view, places} = chart([entry(points)]);
  const path = new Path();
  const alone = linePath(path, model.traces[0], places(0).x, places(0).y, view);
  assert.equal(path.steps.filter(([kind]) => kind === "M").length, 5);
  assert.equal(alone.length, 2);
  assert.ok(Math.abs(alone[0] - ((31 - view.x0) / (view.x1 - view.x0)) * 400) < 0.01);
  assert.deepEqual(edgeMarks(model.traces[0], places(0), view, false).map(({kind}) => kind), ["nan", "positive", "negative"]);
  assert.deepEqual(model.unplaced, {nan: 2, positiveInfinity: 1, negativeInfinity: 1});
});

test("a bucket that mixes NaN with numbers breaks the line but keeps its point", () => {
  const points = curve(1, 4000);
  points[2001][1] = NaN;
  const {model, view, places} = chart([entry(points, {buckets: 100})]);
  const path = new Path();
  linePath(path, model.traces[0], places(0).x, places(0).y, view);
  assert.equal(path.steps.filter(([kind]) => kind === "M").length, 2);
  assert.equal(path.steps.length, 100);
});

test("dense lines become columns that hold every vertex", () => {
  const {model, view, places} = chart([entry(curve(2, 3000))]);
  const columns = new LineColumns(400), p = places(0);
  lineColumns(model.traces[0], p.x, p.y, view, 0.5, columns);
  for (let i = 0; i < p.x.length; i++) {
    const x = Math.floor(((p.x[i] - view.x0) / (view.x1 - view.x0)) * 400), y = ((view.y1 - p.y[i]) / (view.y1 - view.y0)) * 200;
    assert.ok(columns.top[x] <= y - 0.49 && columns.bottom[x] >= y + 0.49, `vertex ${i}`);
  }
});

test("dense lines break at gaps and leave single points to be dotted", () => {
  const points = flat(1200);
  for (let i = 500; i < 700; i++) if (i !== 600) points[i][1] = NaN;
  const {model, view, places} = chart([entry(points, {buckets: 1200})]);
  const columns = new LineColumns(400);
  const alone = lineColumns(model.traces[0], places(0).x, places(0).y, view, 0.5, columns);
  assert.equal(alone.length, 2);
  const at = (x) => Math.floor(((x - view.x0) / (view.x1 - view.x0)) * 400);
  assert.ok(columns.top[at(550)] > columns.bottom[at(550)]);
  assert.ok(columns.top[at(400)] < columns.bottom[at(400)]);
});

test("columns are painted solid inside and soft at the ends", () => {
  const columns = new LineColumns(3), image = {data: new Uint8ClampedArray(3 * 10 * 4), width: 3, height: 10};
  columns.top.fill(Infinity); columns.bottom.fill(-Infinity);
  columns.top[1] = 2.5; columns.bottom[1] = 5.25;
  paintColumns(image, columns, [255, 0, 0], 1, [], 1);
  const alpha = (y, x = 1) => image.data[(y * 3 + x) * 4 + 3];
  assert.deepEqual([alpha(1), alpha(2), alpha(3), alpha(4), alpha(5), alpha(6)], [0, 127, 255, 255, 63, 0]);
  assert.equal(alpha(3, 0) + alpha(3, 2), 0);
});

test("more than two vertices for a column become at most four, and no extreme is lost", () => {
  const points = curve(5, 20000);
  points[12345][1] = 99;
  const {model, view, places} = chart([entry(points, {buckets: 20000})]);
  const path = new Path();
  linePath(path, model.traces[0], places(0).x, places(0).y, view);
  assert.ok(path.steps.length <= 400 * 4 + 8, `${path.steps.length} steps`);
  const top = ((view.y1 - 99) / (view.y1 - view.y0)) * 200;
  assert.ok(path.steps.some(([, , y]) => Math.abs(y - top) < 0.01));
});

test("markers under 60 points only", () => {
  for (const [n, marked] of [[1, true], [59, true], [60, false], [500, false]]) {
    const {model, view} = chart([entry(flat(n))]);
    assert.equal(hasMarkers(model.traces[0], view), marked, `${n} points`);
  }
});

test("a log axis drops values ≤ 0 and counts them", () => {
  const points = [...flat(50, 2), [50, 0], [51, -4], [52, 3]];
  const {model, view, places} = chart([entry(points)], {yScale: "log"});
  assert.deepEqual(model.dropped, {count: 2, exact: true});
  assert.ok(model.y[0] > 0 && model.y[1] > 3);
  const path = new Path();
  linePath(path, model.traces[0], places(0).x, places(0).y, view);
  assert.equal(path.steps.length, 51);
});

test("the x-range is the whole series though only a part was sent", () => {
  const part = entry(flat(100));
  Object.assign(part.data, {firstX: -50, lastX: 500});
  const {model} = chart([part]);
  assert.deepEqual(model.full, [-50, 500]);
});

test("the y-range follows what is in view, and holds neighbours when nothing is", () => {
  const points = flat(100, 1).map(([x]) => [x * 10, x]);
  const {model} = chart([entry(points)], {range: [401, 409]});
  assert.ok(model.y[0] <= 40 && model.y[1] >= 41 && model.y[1] - model.y[0] < 10);
});

test("outliers leave out one percent at each end and count buckets outside", () => {
  const points = flat(1000).map(([x]) => [x, Math.sin(x)]);
  points[500][1] = 1e6;
  const {model} = chart([entry(points)], {outliers: true});
  assert.ok(model.y[1] < 2);
  assert.ok(model.outliers.outside >= 1);
  assert.equal(chart([entry(points)]).model.outliers, null);
  assert.equal(withoutOutliers(chart([entry(flat(5))]).model.traces, 0, 5), null);
});

test("selection finds the k-th smallest", () => {
  const next = random(7);
  for (let round = 0; round < 50; round++) {
    const values = Float64Array.from({length: 1 + Math.floor(next() * 200)}, () => Math.floor(next() * 50));
    const k = Math.floor(next() * values.length), sorted = [...values].sort((a, b) => a - b);
    assert.equal(select(values, k), sorted[k]);
  }
});

test("extents equal a look at every bucket", () => {
  const next = random(8), {model} = chart([entry(curve(1, 5000)), entry(curve(2, 3000), {run: "b"})]);
  for (let round = 0; round < 50; round++) {
    const low = next() * 4000, high = low + 100 + next() * 900;
    const all = model.traces.flatMap(({data}) => Array.from(data.x0, (x0, i) => ({x0, x1: data.x1[i], min: data.min[i], max: data.max[i]}))).filter(({x0, x1}) => x1 >= low && x0 <= high);
    const seen = yExtent(model.traces.filter(({data}) => data.x1.at(-1) >= low), low, high);
    assert.deepEqual(seen, [Math.min(...all.map(({min}) => min)), Math.max(...all.map(({max}) => max))]);
  }
});

test("the nearest run is the one under the pointer; runs that ended long before are not meant", () => {
  const {model, view} = chart([entry(flat(1000, 1), {run: "low"}), entry(flat(1000, 5), {run: "high"}), entry(flat(100, 3), {run: "short"})]);
  const y = ((view.y1 - 5) / (view.y1 - view.y0)) * 200;
  const hits = nearestRuns(model, view, 300, y + 3);
  assert.deepEqual(hits.map(({trace}) => trace.source.run), ["high", "low"]);
  assert.ok(hits[0].distance < 4 && hits[1].distance > REACH);
});

test("the nearest run is found on a spike that only its band shows", () => {
  const points = curve(1, 10000);
  points[5000][1] = 30;
  const {model, view} = chart([entry(points, {buckets: 200, run: "spiky"}), entry(flat(10000, 1), {buckets: 200, run: "flat"})]);
  const x = ((5000 - view.x0) / (view.x1 - view.x0)) * 400, y = ((view.y1 - 25) / (view.y1 - view.y0)) * 200;
  assert.equal(nearestRuns(model, view, x, y)[0].trace.source.run, "spiky");
});

test("buckets are found by x", () => {
  const {model} = chart([entry(curve(1, 1000), {buckets: 10})]);
  const {data} = model.traces[0];
  for (let i = 0; i < 10; i++) { assert.equal(bucketAt(model.traces[0], data.x0[i]), i); assert.equal(bucketAt(model.traces[0], data.x1[i]), i); }
  assert.equal(bucketAt(model.traces[0], -1e9), 0);
  assert.equal(bucketAt(model.traces[0], 1e9), 9);
});

test("words and CSV hold the exact extremes", () => {
  const points = curve(1, 1000, {nan: true});
  const {model} = chart([entry(points, {buckets: 50})]);
  const summary = summarise(model.traces[0]), finite = points.map(([, y]) => y).filter(Number.isFinite);
  assert.equal(summary.min, Math.min(...finite));
  assert.equal(summary.max, Math.max(...finite));
  assert.equal(summary.nan, points.length - finite.length);
  assert.match(summaryText([summary]), /falling, \d+ NaN/);
  const lines = tracesAsCSV(model.traces, "step", model.x).trim().split("\r\n");
  assert.equal(lines.length, 51);
  assert.match(lines[0], /^run,name,metric,step_first/);
});

test("the SVG stands alone, holds title, legend and marks, and escapes names", () => {
  const {model} = chart([entry(curve(1, 300, {nan: true}), {name: "<b>&\"x\"", run: "a"}), entry(curve(3, 300), {run: "b", dash: 1})]);
  const svg = exportSVG(model, {title: "train/<loss>"}, THEMES.light, {width: 600, height: 300});
  assert.ok(svg.startsWith("<svg") && svg.includes("train/&#60;loss&#62;") && !svg.includes("<b>"));
  assert.ok(svg.includes("stroke-dasharray") && svg.includes("✕"));
  assert.ok(!/NaN|Infinity|undefined/.test(svg.replaceAll("✕", "")), "no broken number");
});

test("a drag is x, mostly vertical is y, with Alt a box", () => {
  const at = (x, y) => ({x, y, width: 100, height: 100});
  assert.deepEqual(selection(at(10, 10), at(60, 20), false), [{left: 10, right: 60, top: 0, bottom: 100}, "x"]);
  assert.deepEqual(selection(at(10, 80), at(14, 20), false), [{left: 0, right: 100, top: 20, bottom: 80}, "y"]);
  assert.deepEqual(selection(at(60, 80), at(-5, 20), true), [{left: 0, right: 60, top: 20, bottom: 80}, "box"]);
});

test("the tooltip stays in the window and beside the crosshair", () => {
  const next = random(5), window = {width: 1000, height: 600};
  for (let i = 0; i < 300; i++) {
    const point = {x: next() * 1000, y: next() * 600}, size = {width: 120 + next() * 300, height: 40 + next() * 200};
    const {left, top} = placeTooltip(point, size, window);
    assert.ok(left >= 3 && left + size.width <= 997.5 && top >= 3 && top + size.height <= 597.5);
    assert.ok(left > point.x || left + size.width < point.x);
  }
});
