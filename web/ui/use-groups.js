/** Groups of a page's list: read anew with the query, refreshed as runs come, go and end. @module */
import {useEffect, useMemo} from "../vendor/preact.js";
import {RunGroups} from "../store/run-groups.js";
import {useChanges} from "../store/signal.js";

/** @param {any} store  @param {{groupBy: string[], filter: string, sort: string}} now  @param {string[]} columns keys of the columns that are shown */
export function useGroups(store, now, columns) {
  const groups = useMemo(() => new RunGroups(store), [store]);
  const by = now.groupBy, numbers = columns.filter((key) => /^(config|summary)\.|^(duration|lastStep|rows)$/.test(key));
  useChanges(groups);
  useEffect(() => { if (by.length) groups.read({by, filter: now.filter, sort: now.sort, columns: numbers}); }, [groups, by.join(), now.filter, now.sort, numbers.join()]);
  useEffect(() => { if (by.length) groups.refresh(); }, [store.turns]);
  useEffect(() => () => groups.close(), [groups]);
  return groups;
}
