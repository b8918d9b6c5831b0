/** The list of shortcuts. @module */
import {html} from "../vendor/preact.js";
import {Dialog} from "./overlay.js";

/** Every shortcut as the help lists it. */
const SHORTCUTS = [
  ["Everywhere", [["Ctrl K", "Search and commands"], ["?", "This list"], ["T", "Light or dark theme"], ["Y", "Copy link to this view"], ["P", "Pause live updates"], ["1…9", "Tabs"], ["Esc", "Close, unpin"]]],
  ["Runs", [["/", "Filter runs"], ["J / K", "Next, previous run"], ["Space", "Show or hide run"], ["Enter", "Open run"], ["C", "Compare selected runs"], ["G", "Group"], ["Ctrl B", "Sidebar"]]],
  ["Charts", [["M", "Filter metrics"], ["X", "x-axis"], ["S", "Smoothing, then ← →"], ["L", "Log y"], ["O", "Outliers"], ["F", "Full screen"], ["← →", "Crosshair, or next chart in full screen"], ["R", "Reset zoom"]]],
  ["View", [["Ctrl S", "Save view"], ["Ctrl Z", "Undo"], ["Ctrl Shift Z", "Redo"]]],
];

export const Help = ({onClose}) => html`<${Dialog} title="Keyboard" onClose=${onClose} className="help">
  <div class="help-groups">${SHORTCUTS.map(([group, keys]) => html`<section key=${group}><h3>${group}</h3>
    <dl>${keys.map(([key, what]) => html`<div key=${key}><dt>${key.split(" ").map((part) => (part === "/" && key !== "/" ? "/" : html`<kbd>${part}</kbd> `))}</dt><dd>${what}</dd></div>`)}</dl></section>`)}</div>
  <p class="muted small">On a Mac, Ctrl is Cmd. In a focused chart, ← → move the crosshair, ↑ ↓ choose the nearest run, + and − zoom, Home and End go to the ends. Shortcuts can be switched off under Appearance.</p>
</${Dialog}>`;
