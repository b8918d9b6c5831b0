/**
 * Live updates: one EventSource for the browser, held by a shared worker; without shared workers one for each visible tab.
 * @module
 */
import {PREFIX} from "./router.js";
import {setReachable} from "./api.js";
import {EventSourceHub} from "./live-hub.js";

const HIDDEN_MS = 5 * 60_000;

/**
 * The stream of one project.
 * @fires event with `{type, data}`; `resync` when changes were missed; `state` with `live`, `reconnecting`, `paused` or `off`
 */
export class LiveStream extends EventTarget {
  #project; #port = null; #hub = null; #state = "off"; #hiddenTimer = 0; #dropped = false; #paused = false; #held = [];
  #onVisibility = () => this.#visibility();
  #onLeave = () => this.#disconnect();

  constructor(project) {
    super();
    this.#project = project;
    document.addEventListener("visibilitychange", this.#onVisibility);
    addEventListener("pagehide", this.#onLeave);
    this.#connect();
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
    document.removeEventListener("visibilitychange", this.#onVisibility);
    removeEventListener("pagehide", this.#onLeave);
    clearTimeout(this.#hiddenTimer);
    this.#disconnect();
  }

  #connect() {
    const url = `${PREFIX}api/v1/events?project=${encodeURIComponent(this.#project)}`;
    const receive = (message) => this.#receive(message);
    if (typeof SharedWorker === "function") {
      const worker = new SharedWorker(new URL("./live-worker.js", import.meta.url), {type: "module", name: "track-live"});
      this.#port = worker.port;
      this.#port.onmessage = ({data}) => receive(data);
      this.#port.postMessage({subscribe: url});
    } else {
      this.#hub = new EventSourceHub(url, receive);
    }
  }

  #disconnect() {
    this.#port?.postMessage({unsubscribe: true});
    this.#port?.close();
    this.#hub?.close();
    this.#port = this.#hub = null;
  }

  #receive({type, data}) {
    if (type === "state") {
      if (data === this.#state) return;
      this.#state = data;
      setReachable(data === "live");
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
      this.#connect();
      this.#emit("resync", {});
    }
  }
}
