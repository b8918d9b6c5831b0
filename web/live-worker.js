/**
 * The shared worker: holds one event stream for the whole browser, of the project that its tabs look at, or of all projects when they look
 * at several, and passes events on. HTTP/1.1 allows six connections to a host: one for each tab would soon leave none for data.
 * @module
 */
import {EventSourceHub} from "./live-hub.js";

/** Another project is listened to after this time, so that going from one to the next does not listen to all in between. */
const SETTLE_MS = 200;

/** The project each tab looks at. @type {Map<MessagePort, {events: string, project: string}>} */
const tabs = new Map();
let hub = null, heard = "", timer = 0;

globalThis.onconnect = ({ports: [port]}) => {
  port.onmessage = ({data}) => {
    if (data.subscribe) { tabs.set(port, data.subscribe); tune(port); }
    if (data.lock) watch(port, data.lock);
    if (data.unsubscribe) leave(port);
  };
};

function leave(port) {
  if (tabs.delete(port)) tune();
}

/** A tab that crashed cannot say so; but a lock that it held is free then. */
function watch(port, lock) { navigator.locks.request(lock, () => leave(port)).catch(() => {}); }

/** @param {MessagePort} [joined] the tab that came */
function tune(joined) {
  const url = wanted();
  if (hub && url === heard) joined?.postMessage({type: "state", data: hub.state});
  if (hub && url !== heard) { clearTimeout(timer); timer = setTimeout(listen, SETTLE_MS); }
  if (!hub && url) listen();
}

function listen() {
  const url = wanted();
  if (url === heard) return;
  // The tabs that listened before may miss what happens until the new stream is open: they read everything again.
  let late = hub ? [...tabs.keys()] : [];
  hub?.close();
  heard = url;
  hub = url ? new EventSourceHub(url, (message) => {
    pass(message);
    if (message.data !== "live") return;
    for (const port of late) port.postMessage({type: "resync", data: {}});
    late = [];
  }) : null;
}

function pass(message) {
  for (const [port, {project}] of tabs) {
    const theirs = message.data?.project === undefined || message.data.project === project;
    if (theirs) port.postMessage(message);
  }
}

/** The address of the one stream that tells all tabs what they want to know; empty when there is none. */
function wanted() {
  const [first] = tabs.values();
  if (!first) return "";
  return [...tabs.values()].every(({project}) => project === first.project) ? `${first.events}?project=${encodeURIComponent(first.project)}` : first.events;
}
