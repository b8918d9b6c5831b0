/** A project before its first run. @module */
import {html, useEffect} from "../vendor/preact.js";
import {ready} from "../idle.js";
import {Empty} from "./parts.js";
import {Snippets} from "./snippets.js";
import {DemoButton} from "./demo.js";

export function FirstRun({project}) {
  useEffect(() => { ready(); }, []);
  return html`<main id="main" class="page narrow"><h1>${project}</h1><div class="card">
    <${Empty} icon="loader-circle" title="Waiting for the first run…"><p class="muted">This page jumps to it when it arrives. Copy these lines into your training:</p></${Empty}>
    <${Snippets} project=${project}/><${DemoButton}/></div></main>`;
}
