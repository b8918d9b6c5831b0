/** What happened in the runs of a panel, as marks on its x-axis. @module */
import {busy} from "../idle.js";
import {eventsOn} from "../lib/event-places.js";

/** By store; code and data that only charts over another metric need. @type {WeakMap<object, import("../store/axis-columns.js").AxisColumns>} */
const columns = new WeakMap();

/**
 * @param {string} axis as it is drawn  @param {{store: import("../store/project.js").ProjectStore, events?: import("../lib/event-places.js").RunMark[]}} model
 * @param {import("../lib/x-axes.js").DerivedAxis|null} derived
 */
export function panelEvents(axis, {store, events = []}, derived) {
  const metric = derived || !axis.startsWith("metric:") ? null : axis.slice("metric:".length);
  if (metric && events.length) need(store, metric, events);
  return eventsOn(axis, events, {runOf: (run) => store.runs.get(run), derived, columnOf: (run) => columns.get(store)?.of(metric, run)});
}

async function need(store, metric, events) {
  const done = busy();
  try {
    const {AxisColumns} = await import("../store/axis-columns.js");
    if (!columns.has(store)) columns.set(store, new AxisColumns(store));
    await columns.get(store).need(metric, events);
  } catch { /* the server is away: the marks come with the next change */ } finally { done(); }
}
