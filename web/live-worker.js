/**
 * The shared worker: holds one event stream for each project that any tab looks at, and passes events on.
 * @module
 */
import {EventSourceHub} from "./live-hub.js";

/** @type {Map<string, {hub: EventSourceHub, ports: Set<MessagePort>}>} */
const streams = new Map();

globalThis.onconnect = ({ports: [port]}) => {
  let url = null;
  port.onmessage = ({data}) => {
    if (data.subscribe) { leave(url, port); url = data.subscribe; join(url, port); }
    if (data.unsubscribe) { leave(url, port); url = null; }
  };
};

function join(url, port) {
  let stream = streams.get(url);
  if (!stream) {
    const ports = new Set();
    stream = {ports, hub: new EventSourceHub(url, (message) => { for (const each of ports) each.postMessage(message); })};
    streams.set(url, stream);
  }
  stream.ports.add(port);
  port.postMessage({type: "state", data: stream.hub.state});
}

function leave(url, port) {
  const stream = url && streams.get(url);
  if (!stream) return;
  stream.ports.delete(port);
  if (stream.ports.size === 0) { stream.hub.close(); streams.delete(url); }
}
