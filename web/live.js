/**
 * Live updates: one EventSource for the browser, held by a shared worker; without shared workers one for each visible tab.
 * @module
 */
import {PREFIX} from "./router.js";
import {setReachable} from "./api.js";
import {firstData} from "./idle.js";

const HIDDEN_MS = 5 * 60_000;

/**
 * The stream of one project.
 * @fires event with `{type, data}`; `resync` when changes were missed; `state` with `live`, `connecting`, `reconnecting`, `paused` or `off`
 */
export class LiveStream extends EventTarget {
  #project; #port = null; #hub = null; #state = "off"; #hiddenTimer = 0; #dropped = false; #paused = false; #held = [];
  #onVisibility = () => this.#visibility();
  #onLeave = () => this.#disconnect();
  #onShow = ({persisted}) => { if (persisted) this.#again(); };
  #letGo = null; #closed = false;

  constructor(project) {
    super();
    this.#project = project;
    document.addEventListener("visibilitychange", this.#onVisibility);
    addEventListener("pagehide", this.#onLeave);
    addEventListener("pageshow", this.#onShow);
    // To start a worker costs as much as to draw a chart: the first chart goes before.
    firstData.then(() => { if (!this.#closed && !this.#dropped) this.#connect(); });
  }

  get state() { return this.#paused ? "paused" : this.#state; }

  /** Freezes what is on the screen: changes are counted, and read again at the end of the pause. */
  set paused(paused) {
    this.#paused = paused;
    if (!paused && this.#held.length) { this.#held = []; this.#emit("resync", {}); }
    this.dispatchEvent(new CustomEvent("state", {detail: this.state}));
  }
  get paused() { return this.#paused; }

  close() {
    this.#closed = true;
    document.removeEventListener("visibilitychange", this.#onVisibility);
    removeEventListener("pagehide", this.#onLeave);
    removeEventListener("pageshow", this.#onShow);
    clearTimeout(this.#hiddenTimer);
    this.#disconnect();
  }

  #connect() {
    const events = `${PREFIX}api/v1/events`, project = this.#project;
    const receive = (message) => this.#receive(message);
    if (typeof SharedWorker === "function") {
      const worker = new SharedWorker(new URL("./live-worker.js", import.meta.url), {type: "module", name: "track-live"});
      this.#port = worker.port;
      this.#port.onmessage = ({data}) => receive(data);
      this.#port.postMessage({subscribe: {events, project}});
      this.#hold(this.#port);
    } else {
      import("./live-hub.js").then(({EventSourceHub}) => { if (!this.#closed) this.#hub = new EventSourceHub(`${events}?project=${encodeURIComponent(project)}`, receive); });
    }
  }

  /** Holds a lock while this tab lives, by which the worker finds out if it dies. The worker hears of it once it is held. */
  #hold(port) {
    const name = `track-tab-${Math.random().toString(36).slice(2)}`;
    navigator.locks?.request(name, () => new Promise((resolve) => {
      if (port !== this.#port) { resolve(); return; }
      this.#letGo = resolve;
      port.postMessage({lock: name});
    })).catch(() => {});
  }

  #again() {
    this.#connect();
    this.#emit("resync", {});
  }

  #disconnect() {
    this.#port?.postMessage({unsubscribe: true});
    this.#port?.close();
    this.#hub?.close();
    this.#letGo?.();
    this.#port = this.#hub = this.#letGo = null;
  }

  #receive({type, data}) {
    if (type === "state") {
      if (data === this.#state) return;
      this.#state = data;
      if (data !== "connecting") setReachable(data === "live");
      this.dispatchEvent(new CustomEvent("state", {detail: this.state}));
    } else if (this.#paused) {
      this.#held.push(type);
    } else {
      this.#emit(type, data);
    }
  }

  #emit(type, data) {
    if (type === "resync") this.dispatchEvent(new CustomEvent("resync"));
    else this.dispatchEvent(new CustomEvent("event", {detail: {type, data}}));
  }

  #visibility() {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) {
      this.#hiddenTimer = setTimeout(() => { this.#dropped = true; this.#disconnect(); }, HIDDEN_MS);
    } else if (this.#dropped) {
      this.#dropped = false;
      this.#again();
    }
  }
}
