/** Changes that are told once for each frame or turn, however many there were. @module */
import {useLayoutEffect, useRef, useState} from "../vendor/preact.js";
import {isReady} from "../idle.js";

/** An event target whose `change` comes at most once a frame (a turn, if prompt), with the kinds of change since the last. @fires change */
export class Changing extends EventTarget {
  #kinds = new Set(); #frame = 0;
  /** How often something changed. */
  version = 0;
  /** Told in the same turn, not with the next frame: for what a person does, so that the next thing they do finds the page as they left it. */
  isPrompt = false;

  changed(kind = "data") {
    this.#kinds.add(kind);
    this.version += 1;
    if (this.#frame) return;
    // Before there is something on the screen each frame counts.
    if (this.isPrompt || !isReady()) { this.#frame = -1; queueMicrotask(() => this.#tell()); return; }
    // A hidden tab has no frames; a timer comes there, later.
    this.#frame = document.hidden ? setTimeout(() => this.#tell(), 500) : requestAnimationFrame(() => this.#tell());
  }

  #tell() {
    this.#frame = 0;
    const kinds = this.#kinds;
    this.#kinds = new Set();
    this.dispatchEvent(new CustomEvent("change", {detail: kinds}));
  }
}

/** Draws the component again when the store changes in one of the kinds (all if none are named). */
export function useChanges(store, ...kinds) {
  const [, draw] = useState(0);
  const seen = useRef(0);
  seen.current = store.version;
  useLayoutEffect(() => {
    const listen = ({detail}) => { if (kinds.length === 0 || kinds.some((kind) => detail.has(kind))) draw((n) => n + 1); };
    store.addEventListener("change", listen);
    if (store.version !== seen.current) draw((n) => n + 1);     // it changed before anybody listened
    return () => store.removeEventListener("change", listen);
  }, [store]);
}
