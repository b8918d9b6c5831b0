import assert from "node:assert/strict";
import {test} from "node:test";
import {clausesOf, filterTokens, isBeginningOfKey, parseFilter, quoteIfNeeded, suggest, toggleClause} from "../lib/filter.js";

const WRONG = [
  ['name:"open', "The quote \" is not closed.", 5, 10],
  ["lr <", "A value should follow <", 3, 4],
  ["lr < )", "There is no bracket for this ) to close.", 5, 6, true],
  ["(a or b", "This bracket is not closed.", 0, 1],
  ["a) b", "There is no bracket for this ) to close.", 1, 2],
  ["= 3", "A name should stand before this.", 0, 1],
];

for (const [text, message, at, end, either] of WRONG) {
  test(`${text} is marked where it is wrong`, () => {
    const {error} = parseFilter(text);
    assert.ok(error);
    if (!either) assert.deepEqual(error, {message, at, end});
  });
}

const RIGHT = ['state:running lr<1e-3 optimizer in (adamw, lion) tag:baseline "vit" best(val/acc)>0.9', "", "lr:>0.1", "notes is missing", "not (a = 1 or b != 2)", 'name ~ "vit-.*"', "`odd key` = 3"];

for (const text of RIGHT) test(`"${text}" is let through`, () => assert.equal(parseFilter(text).error, null));

test("tokens cover the text they stand for", () => {
  const text = 'a.b<=1e-3 and "x \\" y" `odd`';
  const {tokens} = filterTokens(text);
  assert.deepEqual(tokens.map((token) => text.slice(token.at, token.end)), ["a.b", "<=", "1e-3", "and", '"x \\" y"', "`odd`"]);
});

const KEYS = [{name: "state", values: [{value: "running", count: 2}, {value: "finished", count: 18}]}, {name: "model", values: [{value: "vit b", count: 3}]}, {name: "odd key"}];

test("keys are suggested at the beginning and after a clause", () => {
  assert.deepEqual(suggest("st", 2, KEYS).map((each) => each.text), ["state:"]);
  assert.deepEqual(suggest("a=1 mo", 6, KEYS).map((each) => each.text), ["a=1 model:"]);
  assert.equal(suggest("odd", 3, KEYS)[0].text, "`odd key`");
});

test("values are suggested after a comparison, with their counts, quoted where they need it", () => {
  const [first] = suggest("state:fin", 9, KEYS);
  assert.deepEqual([first.text, first.note, first.caret], ["state:finished ", "18", 15]);
  assert.equal(suggest("model:", 6, KEYS)[0].text, 'model:"vit b" ');
});

test("a value with signs of the language is quoted, its quotes escaped", () => {
  assert.equal(quoteIfNeeded("adamw"), "adamw");
  assert.equal(quoteIfNeeded('a"b'), '"a\\"b"');
  assert.equal(quoteIfNeeded("and"), '"and"');
});

test("a key that is being typed is told from a word and from a value", () => {
  assert.ok(isBeginningOfKey("sta", KEYS) && isBeginningOfKey("lr<1 state", KEYS));
  assert.ok(!isBeginningOfKey("zebra", KEYS) && !isBeginningOfKey("state:st", KEYS) && !isBeginningOfKey("", KEYS));
});

test("a clause is added once and taken away again", () => {
  assert.equal(toggleClause(toggleClause("lr<1", "state:running"), "state:running"), "lr<1");
});

test("a filter is taken apart into the conditions that all have to hold", () => {
  assert.deepEqual(clausesOf('state:running lr<1e-3 and optimizer in (adamw, lion) tag:baseline "vit" best(val/acc)>0.9'),
    ["state:running", "lr<1e-3", "optimizer in (adamw, lion)", "tag:baseline", '"vit"', "best(val/acc)>0.9"]);
  assert.deepEqual(clausesOf("not config.a is not missing lr:>0.1 !(a = 1 or b = 2) c not in [1, 2] name like \"x%\" vit"),
    ["not config.a is not missing", "lr:>0.1", "!(a = 1 or b = 2)", "c not in [1, 2]", 'name like "x%"', "vit"]);
  assert.deepEqual(clausesOf("a = 1 or b = 2"), ["a = 1 or b = 2"]);
  assert.deepEqual([clausesOf(""), clausesOf('name = "open'), clausesOf("lr <")], [[], ['name = "open'], ["lr <"]]);
});
