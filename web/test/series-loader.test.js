import assert from "node:assert/strict";
import {test} from "node:test";
import {loadSeries} from "../series-loader.js";

/** Answers every series query with one empty series a metric, and keeps what was asked. */
function serveSeries(context) {
  const asked = [];
  context.mock.method(globalThis, "fetch", async (path, {body}) => {
    const question = JSON.parse(body);
    asked.push(question);
    const answer = {series: [], missing: question.metrics.map((metric) => ({run: "r", metric}))};
    return new Response(JSON.stringify(answer), {headers: {"content-type": "application/json"}});
  });
  return asked;
}

test("the first chart of a page has the line for itself; what is taken back meanwhile is not asked", async (context) => {
  const asked = serveSeries(context), abort = new AbortController();
  const [loss, accuracy, rate] = ["loss", "accuracy", "rate"].map((metric) => loadSeries({runs: ["r"], metric}, metric === "accuracy" ? abort.signal : undefined));
  await Promise.resolve();
  assert.deepEqual(asked.map(({metrics}) => metrics), [["loss"]]);
  abort.abort();
  await assert.rejects(accuracy, {name: "AbortError"});
  await Promise.all([loss, rate]);
  assert.deepEqual(asked.map(({metrics}) => metrics), [["loss"], ["rate"]]);
});

test("questions that differ only in the metric travel together", async (context) => {
  const asked = serveSeries(context);
  const [loss, accuracy] = await Promise.all(["loss", "accuracy"].map((metric) => loadSeries({runs: ["r"], metric})));
  assert.deepEqual(asked.map(({metrics}) => metrics), [["loss", "accuracy"]]);
  assert.deepEqual([loss.missing, accuracy.missing].map(([{metric}]) => metric), ["loss", "accuracy"]);
});

test("a question taken back before it was sent ends, and is not asked", async (context) => {
  const asked = serveSeries(context), abort = new AbortController();
  const question = loadSeries({runs: ["r"], metric: "loss"}, abort.signal);
  abort.abort();
  await assert.rejects(question, {name: "AbortError"});
  assert.deepEqual(asked, []);
});
