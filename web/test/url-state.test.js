import assert from "node:assert/strict";
import {test} from "node:test";
import {axisOf, withDeclaredAxis} from "../lib/chart-query.js";
import {defaultView, formatView, parseView, sameView} from "../lib/url-state.js";

test("the default view needs no query", () => {
  assert.equal(formatView(defaultView()), "");
  assert.deepEqual(parseView(""), defaultView());
});

test("every field goes to the address and back, whatever signs it holds", () => {
  const view = {...defaultView(), filter: 'state:running "a & b" lr<1e-3 #?', sort: "-summary.val/acc.max,name", groupBy: ["config.a,b", "group"], show: "none",
    on: ["ab12cd34"], off: ["x,y"], metrics: "/^(a|b)+$/", x: "metric:samples/seen", smoothing: {kind: "ema", amount: 0.95}, outliers: true, link: true,
    range: [-1.5, 2e6], charts: {"train/loss": {range: [0, 10], yScale: "log"}, 'odd "name" & [more]': {outliers: true}}, open: ["system"], closed: ["val"],
    pinned: ["loss"], perRow: 3, rule: "last", grouped: true, aggregate: "median", band: "ci", runs: ["a", "b"], differences: false, ignore: ["seed", "data.*"], baseline: "b"};

  const read = parseView(formatView(view));

  assert.deepEqual(read, view);
  assert.ok(sameView(read, view));
});

test("a link that was cut or edited gives defaults for what is not understood, and keeps the rest", () => {
  const view = parseView("?charts={broken&range=5~1&row=x&agg=nonsense&smooth=ema:abc&m=loss&show=sometimes&outliers=7&unknown=1");

  assert.deepEqual(view, {...defaultView(), metrics: "loss"});
});

test("views do not share their parts", () => {
  defaultView().on.push("x");
  assert.deepEqual(defaultView().on, []);
});

test("a metric is drawn over what it declares, unless the view says otherwise", () => {
  const plain = defaultView(), x = (view) => axisOf("loss", withDeclaredAxis("loss", view, "epoch"));

  assert.deepEqual([x(plain), x({...plain, x: "wall"}), x({...plain, charts: {loss: {x: "step"}}})], ["metric:epoch", "wall", "step"]);
  assert.equal(withDeclaredAxis("loss", plain, undefined), plain);
});
