/** Parts of a page whose code is fetched when they are first shown. @module */
import {html, useEffect, useState} from "../vendor/preact.js";

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

/** A component that loads `name` of a module, and draws nothing until it is there. */
export function lazy(load, name) {
  let Loaded = null;
  return function Lazy(props) {
    const [, draw] = useState(0);
    useEffect(() => { if (!Loaded) load().then((module) => { Loaded = module[name]; draw((n) => n + 1); }); }, []);
    return Loaded ? html`<${Loaded} ...${props}/>` : null;
  };
}
