import assert from "node:assert/strict";
import {test} from "node:test";
import {isListed, listingOf, scopeOf, withListing} from "../lib/put-away.js";

test("a filter says which runs it lists, a mere name does not", () => {
  assert.deepEqual(["", "lr<1", "archived", "name = archived", "archived:true", "lr<1 deleted:true", "archived in (true, false)", "not trashed = yes", "deleted:true archived:true"].map(listingOf),
    ["shown", "shown", "shown", "shown", "archived", "bin", "all", "other", "other"]);
  assert.deepEqual(scopeOf('"deleted" binned = true'), {archived: false, bin: true});
});

test("another listing keeps the rest of the filter, in brackets where it says or", () => {
  assert.equal(withListing("", "bin"), "deleted:true");
  assert.equal(withListing("lr<1 deleted:true", "archived"), "lr<1 archived:true");
  assert.equal(withListing("lr<1 archived in (true, false)", "shown"), "lr<1");
  assert.equal(withListing("a = 1 or b = 2", "bin"), "(a = 1 or b = 2) deleted:true");
  assert.equal(withListing('name = "this or that"', "bin"), 'name = "this or that" deleted:true');
  assert.equal(withListing("deleted:true", "shown"), "");
});

test("runs are in the list that the server would put them in", () => {
  const [shown, archived, binned, both] = [{}, {archivedAt: 1}, {deletedAt: 1}, {archivedAt: 1, deletedAt: 2}];
  const listed = (filter) => [shown, archived, binned, both].map((run) => isListed(run, filter));
  assert.deepEqual(listed(""), [true, false, false, false]);
  assert.deepEqual(listed("archived:true"), [false, true, false, false]);
  assert.deepEqual(listed("archived in (true, false)"), [true, true, false, false]);
  assert.deepEqual(listed("lr<1 deleted:true"), [false, false, true, true]);
  assert.deepEqual(listed("deleted in (true, false)"), [true, false, true, true]);
  assert.deepEqual(listed("not deleted:true or archived:true"), [true, true, true, true]);
});
