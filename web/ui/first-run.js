/** A project before its first run. @module */
import {html, useEffect} from "../vendor/preact.js";
import {ready} from "../idle.js";
import * as strings from "../strings.js";
import {Empty} from "./parts.js";
import {Snippets} from "./snippets.js";
import {DemoButton} from "./demo.js";

export function FirstRun({project}) {
  useEffect(() => { ready(); }, []);
  return html`<main id="main" class="page narrow"><h1>${project}</h1><div class="card">
    <${Empty} icon="loader-circle" title=${strings.runs.waiting}><p class="muted">${strings.runs.waitingHint}</p></${Empty}>
    <${Snippets} project=${project}/><${DemoButton}/></div></main>`;
}
