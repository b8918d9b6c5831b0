/** Which histograms a project has: asked for once, then followed. */
import assert from "node:assert/strict";
import {test} from "node:test";
import {histogramNames} from "../store/histograms.js";

const makeStore = () => Object.assign(new EventTarget(), {path: "/projects/p"});
const tell = (store, type, detail) => store.dispatchEvent(new CustomEvent(type, {detail}));

/** A server with these names; `answers.length` requests were made. @param {() => string[]} names */
function serve(context, names) {
  const asked = [];
  context.mock.method(globalThis, "fetch", async (path) => {
    asked.push(path);
    return new Response(JSON.stringify({histograms: names().map((name) => ({name, runs: 1}))}), {headers: {"Content-Type": "application/json"}});
  });
  return asked;
}

test("the names are asked for once, whoever wants them", async (context) => {
  const asked = serve(context, () => ["v", "w"]), store = makeStore();

  const [first, second] = await Promise.all([histogramNames(store).load(), histogramNames(store).load()]);

  assert.deepEqual([first, second, await histogramNames(store).load()], [["v", "w"], ["v", "w"], ["v", "w"]]);
  assert.equal(asked.length, 1);
  assert.ok(asked[0].endsWith("api/v1/projects/p/histograms"), asked[0]);
});

test("what a run begins to log is known from the event, also while the names are asked for", async (context) => {
  const asked = serve(context, () => ["w"]), store = makeStore(), list = histogramNames(store), changes = [];
  list.addEventListener("change", () => changes.push(list.names.join()));

  const loaded = list.load();
  tell(store, "histograms", {run: "a", names: ["early"]});
  await loaded;
  tell(store, "histograms", {run: "a", names: ["w"]});
  tell(store, "histograms", {run: "a", names: ["late", "w"]});

  assert.deepEqual(changes, ["early", "w,early", "w,early,late"]);
  assert.equal(asked.length, 1);
});

test("after a break, and for other runs, they are asked for again", async (context) => {
  let names = ["old", "w"];
  const asked = serve(context, () => names), store = makeStore(), list = histogramNames(store);
  tell(store, "rows", {run: null, metrics: null});
  assert.equal(asked.length, 0, "nobody wanted them yet");
  await list.load();

  names = ["w"];
  tell(store, "rows", {run: null, metrics: null});
  assert.deepEqual(await list.load(), ["w"]);
  assert.deepEqual(await list.load("archived:true"), ["w"]);

  assert.equal(asked.length, 3);
  assert.ok(asked[2].endsWith("?filter=archived%3Atrue"), asked[2]);
});

test("a refusal leaves what is known, and the next who wants them asks again", async (context) => {
  const store = makeStore(), list = histogramNames(store);
  context.mock.method(globalThis, "fetch", async () => new Response("{}", {status: 404, headers: {"Content-Type": "application/json"}}));
  assert.deepEqual(await list.load(), []);
  context.mock.restoreAll();

  serve(context, () => ["w"]);

  assert.deepEqual(await list.load(), ["w"]);
});
