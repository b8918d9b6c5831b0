/** Parts of a page whose code is fetched when they are first shown. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {busy, firstData} from "../idle.js";

/** Fetches code that is likely wanted soon, once the page has nothing else to do. */
export function fetchWhenIdle(...loads) {
  const root = document.documentElement;
  const watch = new MutationObserver(() => {
    if (root.dataset.idle !== "1") return;
    watch.disconnect();
    for (const load of loads) load().catch(() => {});       // it is asked for again when it is needed
  });
  watch.observe(root, {attributes: true, attributeFilter: ["data-idle"]});
}

const AGAIN_MS = 2000;

/**
 * Loads a module; while the server does not answer, again and again.
 * @template T  @param {() => Promise<T>} load  @param {AbortSignal} signal ends it @returns {Promise<T>} settles unless it was ended
 */
export async function loadUntil(load, signal) {
  for (;;) {
    const module = await load().catch((error) => { if (!(error instanceof TypeError)) throw error; });   // what could not be fetched is a TypeError
    if (module || signal.aborted) return module;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** Loads what stands beside the first data, when that is on the screen. */
export const afterFirstData = (load) => () => firstData.then(load);

/** An effect of code that is fetched for it. @param {() => Promise<any>} load  @param {(module: any) => (() => void)|void} start answers what ends it  @param {any[]} inputs as of an effect */
export function useLater(load, start, inputs) {
  useEffect(() => {
    const abort = new AbortController(), done = busy();
    let end;
    loadUntil(load, abort.signal).then((module) => { if (module && !abort.signal.aborted) end = start(module); }).finally(done);
    return () => { abort.abort(); done(); end?.(); };
  }, inputs);
}

/** A component that loads `name` of a module, and draws what `waiting` answers until it is there. */
export function lazy(load, name, waiting = () => null) {
  let Loaded = null;
  return function Lazy(props) {
    const [, draw] = useState(0);
    useEffect(() => {
      if (Loaded) return undefined;
      const abort = new AbortController(), done = busy();
      loadUntil(load, abort.signal).then((module) => { if (module) Loaded = module[name]; if (!abort.signal.aborted) draw((n) => n + 1); }).finally(done);
      return () => { abort.abort(); done(); };
    }, []);
    return Loaded ? html`<${Loaded} ...${props}/>` : waiting(props);
  };
}
