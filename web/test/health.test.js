import assert from "node:assert/strict";
import {test} from "node:test";
import {directionOf, findingsOf, firstNotFinite} from "../lib/health.js";

const FINISHED = {state: "finished", live: false, lastStep: 99};

/** A raw series: one point in each bucket. */
function series(metric, values) {
  const zeros = () => new Float64Array(values.length), steps = Float64Array.from(values, (_, i) => i);
  const finite = values.map((value) => (Number.isFinite(value) ? value : NaN));
  return {metric, x0: steps, x1: steps, count: zeros().fill(1), mean: finite, min: finite, max: finite, bucketCount: values.length, points: values.length,
    nanCount: values.map((v) => Number(Number.isNaN(v))), positiveInfinityCount: values.map((v) => Number(v === Infinity)), negativeInfinityCount: values.map((v) => Number(v === -Infinity))};
}

const falling = (n, noise = 0.02) => Array.from({length: n}, (_, i) => 0.3 + 2 * Math.exp(-i / 20) + noise * Math.sin(i * 12.9898));
const kinds = (...all) => findingsOf(FINISHED, all).map(({kind}) => kind);

test("a healthy run has no findings", () => {
  const accuracy = falling(100).map((loss) => 1 - loss / 3);
  assert.deepEqual(kinds(series("train/loss", falling(100)), series("val/loss", falling(30, 0)), series("val/accuracy", accuracy), series("lr", falling(100))), []);
  assert.deepEqual(kinds(series("train/loss", Array.from({length: 60}, (_, i) => 1 / (i + 1)))), []);
});

test("NaN and infinity are counted, from their first step to their last", () => {
  const values = falling(100);
  values[40] = Infinity;
  for (let i = 80; i < 100; i++) values[i] = NaN;
  const [nan, infinity] = findingsOf(FINISHED, [series("train/loss", values)]);
  assert.deepEqual([nan.kind, nan.severity, nan.count, nan.of, nan.first, nan.last], ["nan", "error", 20, 100, 80, 99]);
  assert.deepEqual([infinity.kind, infinity.count, infinity.first], ["infinity", 1, 40]);
});

test("where a bucket holds the first NaN among others, that bucket is to be asked for", () => {
  const values = falling(30);
  values[12] = NaN;
  const raw = series("train/loss", values), [exact] = findingsOf(FINISHED, [raw]);
  assert.equal(exact.begin, undefined);
  const [vague] = findingsOf(FINISHED, [{...raw, x0: raw.x0.map((x) => x * 4), x1: raw.x1.map((x) => x * 4 + 3)}]);
  assert.deepEqual(vague.begin, [48, 51]);
  assert.deepEqual([firstNotFinite(raw, "nan"), firstNotFinite(raw, "infinity")], [12, null]);
});

test("spikes are counted one by one, and the worst is told", () => {
  const values = falling(200);
  for (const step of [30, 90, 91, 150]) values[step] += 5;
  values[150] += 1;
  const [found] = findingsOf(FINISHED, [series("train/loss", values)]);
  assert.deepEqual([found.kind, found.count, found.first, found.last], ["spikes", 3, 30, 150]);
  assert.equal(found.worst, values[150]);
});

test("a loss that rises and stays diverges; one that comes back does not", () => {
  const rising = [...falling(100), ...Array.from({length: 60}, (_, i) => 0.4 + i * 0.05)];
  assert.ok(kinds(series("train/loss", rising)).includes("divergence"));
  assert.ok(!kinds(series("train/loss", [...rising, ...falling(100)])).includes("divergence"));
});

test("over-fitting needs a best that lies behind, in either direction", () => {
  const back = [...falling(30, 0), ...Array.from({length: 30}, (_, i) => 0.8 + i * 0.02)];
  const [loss, accuracy] = findingsOf(FINISHED, [series("val/loss", back), series("val/accuracy", back.map((v) => 1 - v / 3))]);
  assert.deepEqual([loss.kind, loss.first, loss.best], ["overfitting", 29, back[29]]);
  assert.equal(accuracy.kind, "overfitting");
  assert.ok(accuracy.now < accuracy.best);
});

test("a rate of zero counts only while the run goes on", () => {
  const rate = series("train/learning_rate", [0.1, 0.05, 0, 0, 0]);
  assert.deepEqual(findingsOf({state: "running", live: true, lastStep: 4}, [rate]).map(({kind, first}) => [kind, first]), [["zeroRate", 2]]);
  assert.deepEqual(findingsOf(FINISHED, [rate]), []);
});

test("a failed run and a silent one say so first", () => {
  assert.equal(findingsOf({...FINISHED, state: "failed"}, [series("train/loss", [1, NaN])])[0].kind, "failed");
  assert.deepEqual(findingsOf({state: "running", live: false, lastStep: 7}, []).map(({kind, severity}) => [kind, severity]), [["silent", "warning"]]);
});

test("what is better is declared, or in the name, or unknown", () => {
  assert.deepEqual([directionOf("val/loss"), directionOf("val_acc"), directionOf("reward"), directionOf("reward", "maximize"), directionOf("loss_scale_of_gloss")], [1, -1, 0, -1, 1]);
  assert.equal(directionOf("gloss"), 0);
});
