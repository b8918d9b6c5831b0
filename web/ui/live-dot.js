/** The dot that says whether changes arrive. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {currentStore, onStore} from "../store/current.js";
import * as strings from "../strings.js";

const WORDS = {live: strings.live.live, reconnecting: strings.live.reconnecting, paused: strings.live.paused, connecting: strings.live.connecting, off: strings.live.connecting};

export function LiveDot() {
  const [, draw] = useState(0);
  const store = currentStore();
  // What changed before it listened is drawn, too.
  useEffect(() => { const drop = onStore(() => draw((n) => n + 1)); draw((n) => n + 1); return drop; }, []);
  useEffect(() => {
    if (!store) return undefined;
    const listen = () => draw((n) => n + 1);
    store.stream.addEventListener("state", listen);
    listen();
    return () => store.stream.removeEventListener("state", listen);
  }, [store]);
  if (!store) return null;
  const state = store.stream.state;
  const toggle = () => { store.stream.paused = !store.stream.paused; };
  return html`<button type="button" class=${`live live-${state}`} onClick=${toggle} title=${state === "paused" ? strings.live.pausedHint : strings.live.pauseHint({state: WORDS[state]})}>
    <span class="dot" aria-hidden="true"></span>${WORDS[state]}</button>`;
}
