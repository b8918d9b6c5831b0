/** Parts of a page whose code is fetched when they are first shown. @module */
import {html, useEffect, useState} from "../vendor/preact.js";

/** A component that loads `name` of a module, and draws nothing until it is there. */
export function lazy(load, name) {
  let Loaded = null;
  return function Lazy(props) {
    const [, draw] = useState(0);
    useEffect(() => { if (!Loaded) load().then((module) => { Loaded = module[name]; draw((n) => n + 1); }); }, []);
    return Loaded ? html`<${Loaded} ...${props}/>` : null;
  };
}
