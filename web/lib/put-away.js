/**
 * Runs that lists leave out: the archive and the bin, and the words of the filter that show them.
 * @module
 *
 * @typedef {"shown"|"all"|"archived"|"bin"|"other"} Listing
 */

const CLAUSES = {archived: "archived:true", all: "archived in (true, false)", bin: "deleted:true"};
const QUOTED = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`/g;
/** A name that is compared with something. */
const compared = (names) => new RegExp(`(?:^|[\\s(!,])(?:${names})\\s*(?:[:=<]|!=|(?:in|is|not)\\b)`, "i");
const ARCHIVE = compared("archived"), BIN = compared("deleted|binned|trashed"), EITHER = /\bor\b|\|\|/i;

/** What a filter speaks of; the server judges by the same rule. */
export function scopeOf(filter) {
  const bare = filter.replace(QUOTED, " '' ");
  return {archived: ARCHIVE.test(bare), bin: BIN.test(bare)};
}

/** Which runs a filter lists. @returns {Listing} */
export function listingOf(filter) {
  const found = /** @type {Listing|undefined} */ (Object.keys(CLAUSES).find((name) => filter.includes(CLAUSES[name])));
  const {archived, bin} = scopeOf(filter);
  if (archived && bin) return "other";
  return found ?? (archived || bin ? "other" : "shown");
}

/** The filter for what a project has beside runs: names of all that lists show do not hang on which of these are looked at. @param {string} filter */
export const catalogueFilter = (filter) => (listingOf(filter) === "shown" ? "" : filter);

/** The same filter for other runs. @param {Listing} listing */
export function withListing(filter, listing) {
  let rest = filter;
  for (const clause of Object.values(CLAUSES)) rest = rest.split(clause).join(" ");
  rest = rest.replace(/\s+/g, " ").trim();
  const clause = CLAUSES[listing];
  if (!clause || !rest) return clause ?? rest;
  return `${EITHER.test(rest.replace(QUOTED, "")) ? `(${rest})` : rest} ${clause}`;
}

/** Whether a list with this filter may hold the run, as far as archive and bin say. */
export function isListed(run, filter) {
  const listing = listingOf(filter);
  if (listing === "bin") return Boolean(run.deletedAt);
  if (listing === "archived") return Boolean(run.archivedAt) && !run.deletedAt;
  const scope = scopeOf(filter);
  return (scope.bin || !run.deletedAt) && (scope.archived || !run.archivedAt || (scope.bin && Boolean(run.deletedAt)));
}
