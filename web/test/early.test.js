import assert from "node:assert/strict";
import {test} from "node:test";
import {firstPaths, takeEarly} from "../early.js";
import {query} from "../api.js";
import {parseView} from "../lib/url-state.js";

/** What the store asks for a view, in its own words. */
const storePath = (project, search) => {
  const {filter, sort} = parseView(search);
  return `/projects/${encodeURIComponent(project)}/runs${query({filter, sort, limit: 100})}`;
};

test("pages other than a workspace have nothing to ask for early", () => {
  for (const path of ["", "settings/keys", "p/", "p/a/table", "p/a/r/one"]) assert.deepEqual(firstPaths(path, ""), []);
});

test("a workspace asks early for exactly what its store will ask for", () => {
  for (const [name, search] of [["cifar", ""], ["with blank", "?sort=-summary.loss.min"], ["a/b", "?q=lr%3C1e-3+tag%3Abaseline&smooth=ema:0.5"]]) {
    assert.equal(firstPaths(`p/${encodeURIComponent(name)}`, search)[0], storePath(name, search));
  }
});

test("only an address without a view asks for the project's own view", () => {
  assert.deepEqual(firstPaths("p/a", "").slice(1), ["/projects/a/metrics", "/projects/a/views"]);
  assert.deepEqual(firstPaths("p/a", "?x=wall").slice(1), ["/projects/a/metrics"]);
});

test("what was not asked for is not there to take", () => { assert.equal(takeEarly("/projects/a/metrics"), undefined); });
