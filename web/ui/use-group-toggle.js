/** Showing and hiding a whole group, whose members may have to be asked for first. @module */
import {useReducer, useRef} from "../vendor/preact.js";
import {formatStep} from "../charts/format.js";
import {shownRuns} from "../store/shown.js";
import * as strings from "../strings.js";
import {toast, toastError} from "./overlay.js";

/** As many of a group as can be told apart in charts, and written into an address. */
const MOST_TOGGLED = 100;

/**
 * @param {import("../store/run-groups.js").RunGroups} groups  @param {(ids: string[], shown: boolean) => void} show
 * @returns {[coming: Map<string, {shown: boolean}>, toggle: (key: string, shown: boolean) => Promise<void>]} What was chosen of groups whose members are awaited
 */
export function useGroupToggle(store, view, groups, show) {
  const coming = useRef(new Map()), [, redraw] = useReducer((turns) => turns + 1, 0);
  const toggle = async (key, shown) => {
    const chosen = {shown}, isLast = () => coming.current.get(key) === chosen;
    const among = shown ? null : shownRuns(store, view.now);
    coming.current.set(key, chosen);
    try {
      const ids = someOf(await groups.members(key), among);
      if (isLast()) show(ids, shown);
    } catch (error) { toastError(error); }
    if (!isLast()) return;
    coming.current.delete(key);
    redraw();
  };
  return [coming.current, toggle];
}

/** @param {string[]|null} among only these, if given */
function someOf(ids, among) {
  if (among) { const wanted = new Set(among); return ids.filter((id) => wanted.has(id)); }
  if (ids.length > MOST_TOGGLED) toast(strings.runs.firstOf({some: MOST_TOGGLED, all: formatStep(ids.length)}));
  return ids.slice(0, MOST_TOGGLED);
}
