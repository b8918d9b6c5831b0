/** The list of shortcuts. @module */
import {html} from "../vendor/preact.js";
import {Dialog} from "./overlay.js";
import {SHORTCUTS} from "./shortcuts.js";

export const Help = ({onClose}) => html`<${Dialog} title="Keyboard" onClose=${onClose} className="help">
  <div class="help-groups">${SHORTCUTS.map(([group, keys]) => html`<section key=${group}><h3>${group}</h3>
    <dl>${keys.map(([key, what]) => html`<div key=${key}><dt>${key.split(" ").map((part) => (part === "/" && key !== "/" ? "/" : html`<kbd>${part}</kbd> `))}</dt><dd>${what}</dd></div>`)}</dl></section>`)}</div>
  <p class="muted small">On a Mac, Ctrl is Cmd. In a focused chart, ← → move the crosshair, ↑ ↓ choose the nearest run, + and − zoom, Home and End go to the ends. Shortcuts can be switched off under Appearance.</p>
</${Dialog}>`;
