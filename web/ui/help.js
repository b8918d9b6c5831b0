/** The list of shortcuts. @module */
import {html} from "../vendor/preact.js";
import * as strings from "../strings.js";
import {Dialog} from "./overlay.js";

/** Every shortcut as the help lists it. */
const SHORTCUTS = [
  [strings.keyboard.everywhere, [[strings.keyboard.ctrlK, strings.palette.title], ["?", strings.keyboard.thisList], ["T", strings.keyboard.toggleTheme], ["Y", strings.keyboard.copyLink], ["P", strings.keyboard.pause], ["1…9", strings.keyboard.tabs], [strings.keyboard.esc, strings.keyboard.close]]],
  [strings.common.runs, [["/", strings.filter.runs], ["J / K", strings.keyboard.nextRun], [strings.keyboard.space, strings.keyboard.showRun], [strings.keyboard.enter, strings.keyboard.openRun], ["C", strings.keyboard.compareSelected], ["G", strings.fields.group], [strings.keyboard.ctrlB, strings.keyboard.sidebar]]],
  [strings.common.charts, [["M", strings.toolbar.filterMetrics], ["X", strings.axes.title], ["S", strings.keyboard.smoothing], ["L", strings.chart.logY], ["O", strings.keyboard.outliers], ["F", strings.common.fullScreen], ["← →", strings.keyboard.crosshair], ["R", strings.chart.resetZoom]]],
  [strings.keyboard.view, [[strings.keyboard.ctrlS, strings.keyboard.saveView], [strings.keyboard.ctrlZ, strings.common.undo], [strings.keyboard.ctrlShiftZ, strings.common.redo]]],
];

export const Help = ({onClose}) => html`<${Dialog} title=${strings.keyboard.title} onClose=${onClose} className="help">
  <div class="help-groups">${SHORTCUTS.map(([group, keys]) => html`<section key=${group}><h3>${group}</h3>
    <dl>${keys.map(([key, what]) => html`<div key=${key}><dt>${key.split(" ").map((part) => (part === "/" && key !== "/" ? "/" : html`<kbd>${part}</kbd> `))}</dt><dd>${what}</dd></div>`)}</dl></section>`)}</div>
  <p class="muted small">${strings.keyboard.hint}</p>
</${Dialog}>`;
