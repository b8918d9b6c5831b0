/** Where no run matches: what each condition of the filter removes, and the way out. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {get, query} from "../api.js";
import {formatStep} from "../charts/format.js";
import {clausesOf} from "../lib/filter.js";
import {listingOf, withListing} from "../lib/put-away.js";
import * as strings from "../strings.js";

/** Conditions that are counted one by one. */
const MOST = 6;

export function NoMatch({store, view}) {
  const {filter} = view.now, clauses = clausesOf(filter).slice(0, MOST);
  const [counts, setCounts] = useState({filter: "", removed: []});
  useEffect(() => {
    const abort = new AbortController();
    const count = async (clause) => {
      const {matched, total} = await get(`${store.path}/runs${query({filter: clause, limit: 1})}&columns=`, {signal: abort.signal});
      return {removed: total - matched, total};
    };
    Promise.all(clauses.map(count)).then((removed) => setCounts({filter, removed}), () => {});
    return () => abort.abort();
  }, [filter, store.turns]);
  const isPlain = listingOf(filter) === "shown";
  const without = (clause) => clauses.filter((each) => each !== clause).join(" ");
  return html`<p>${isPlain ? strings.filter.removesAll({count: formatStep(store.total)}) : strings.filter.noMatch}</p>
    ${clauses.length > 1 && counts.filter === filter && html`<ul class="plain-list clauses" aria-label=${strings.filter.conditions}>${clauses.map((clause, i) => html`<li key=${clause}>
      <code>${clause}</code> <span class="muted">${strings.filter.removes({some: formatStep(counts.removed[i].removed), all: formatStep(counts.removed[i].total)})}</span>
      <button type="button" class="button small" aria-label=${strings.filter.takeAwayThis({condition: clause})} onClick=${() => view.set({filter: without(clause)})}>${strings.filter.takeAway}</button></li>`)}</ul>`}
    <button type="button" class="button" onClick=${() => view.set({filter: ""})}>${strings.filter.clear}</button>
    ${!isPlain && withListing(filter, "shown") !== "" && html` <button type="button" class="button" onClick=${() => view.set({filter: withListing("", listingOf(filter))})}>${strings.filter.clearAllButListing}</button>`}`;
}
