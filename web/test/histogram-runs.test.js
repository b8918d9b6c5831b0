/** Which runs log a histogram: asked for a few at a time, and once. */
import assert from "node:assert/strict";
import {test} from "node:test";
import {histogramNames, MOST_DRAWN, runsWith} from "../store/histograms.js";

const ids = (count) => Array.from({length: count}, (_, i) => `r${i}`);

/** A server whose runs log `w`, except those of these places. */
function serve(context, without) {
  const asked = [];
  context.mock.method(globalThis, "fetch", async (path) => {
    const id = /runs\/(\w+)\/histograms$/.exec(path)[1];
    asked.push(id);
    return new Response(JSON.stringify({histograms: without.includes(id) ? [] : [{name: "w"}]}), {headers: {"Content-Type": "application/json"}});
  });
  return asked;
}

test("runs are asked eight at a time until eight have it, and once", async (context) => {
  const asked = serve(context, ["r1", "r2"]), store = new EventTarget();

  const found = await runsWith(store, ids(100), "w");

  assert.deepEqual(found, ["r0", "r3", "r4", "r5", "r6", "r7", "r8", "r9"]);
  assert.equal(asked.length, 2 * MOST_DRAWN);
  assert.deepEqual(await runsWith(store, ids(100), "w"), found);
  assert.equal(asked.length, 2 * MOST_DRAWN);
});

test("where none has it, the search ends", async (context) => {
  const asked = serve(context, []);

  assert.deepEqual(await runsWith(new EventTarget(), ids(500), "other"), []);
  assert.equal(asked.length, 40);
});

test("what a run begins to log is known from the event", async (context) => {
  const asked = serve(context, ["r0"]), store = new EventTarget();
  assert.deepEqual(await histogramNames(store, ["r0", "r1"]), ["w"]);

  store.dispatchEvent(new CustomEvent("histograms", {detail: {run: "r0", names: ["late"]}}));

  assert.deepEqual(await histogramNames(store, ["r0", "r1"]), ["late", "w"]);
  assert.deepEqual(await runsWith(store, ["r0", "r1"], "late"), ["r0"]);
  assert.equal(asked.length, 2);
});
