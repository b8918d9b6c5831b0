/** Which runs of a project a view shows. @module */
/** So many of the newest are shown where there are more. */
export const NEWEST = 20;

/** A run that was archived or binned since somebody chose it is shown where the archive or the bin is. */
const isPutAway = (store, id) => { const run = store.runs.get(id); return Boolean(run.archivedAt || run.deletedAt) && !store.isListed(run); };

/**
 * The runs that a view shows, in the order of the list.
 * @param {import("./project.js").ProjectStore} store  @param {import("../lib/url-state.js").View} view @returns {string[]}
 */
export function shownRuns(store, view, limit = 1000) {
  const base = {
    auto: () => (store.matched <= NEWEST ? store.order : store.newest),
    latest: () => store.newest.slice(0, 1),
    running: () => store.order.filter((id) => store.runs.get(id)?.state === "running"),
    all: () => store.order, none: () => [],
  }[view.show]();
  const off = new Set(view.off);
  const shown = base.filter((id) => !off.has(id));
  const has = new Set(shown);
  for (const id of view.on) if (!has.has(id) && store.runs.has(id) && !isPutAway(store, id)) shown.push(id);
  return shown.slice(0, limit);
}
