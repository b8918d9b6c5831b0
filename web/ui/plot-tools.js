/** What can be chosen of a plot of runs: a scatter chart's size and scales, which axes of parallel coordinates are turned. @module */
import {html} from "../vendor/preact.js";
import {columnOf} from "../lib/columns.js";
import {withLog} from "../lib/run-points.js";
import * as strings from "../strings.js";
import {Icon} from "./parts.js";

/** A key out of several; `none` names the choice of no key. */
export const KeySelect = ({label, keys, value, none, onChange}) => html`<label class="tool"><span>${label}</span><select class="select" aria-label=${label} value=${value} onChange=${(event) => onChange(event.target.value)}>
  ${none && html`<option value="" selected=${!value}>${none}</option>`}${keys.map((key) => html`<option key=${key} value=${key} selected=${key === value}>${columnOf(key).label}</option>`)}</select></label>`;

/** @param {{keys: string[], size: string, log: string, positive: {x: boolean, y: boolean}, onChange: (settings: {size?: string, log?: string}) => void}} props */
export function ScatterTools({keys, size, log, positive, onChange}) {
  const scale = (axis, label) => html`<label class="check-row"><input type="checkbox" checked=${log.includes(axis) && positive[axis]} disabled=${!positive[axis]}
    onChange=${(event) => onChange({log: withLog(log, axis, event.target.checked)})}/>${label}</label>`;
  return html`<${KeySelect} label=${strings.plots.size} keys=${keys} value=${size} none=${strings.plots.sameSize} onChange=${(key) => onChange({size: key})}/>${scale("x", strings.chart.logX)}${scale("y", strings.chart.logY)}`;
}

/** A button for each axis, which turns it. @param {{axes: {key: string, name: string}[], turned: string[], onChange: (turned: string[]) => void}} props */
export const AxisTools = ({axes, turned, onChange}) => html`<div class="row turn-axes" role="group" aria-label=${strings.plots.turnAxes}><span class="muted small">${strings.plots.turnAxes}</span>
  ${axes.map(({key, name}) => html`<button type="button" key=${key} class="button small" aria-pressed=${String(turned.includes(key))} title=${strings.plots.turnAxis({name})}
    onClick=${() => onChange(turned.includes(key) ? turned.filter((each) => each !== key) : [...turned, key])}>${turned.includes(key) && html`<${Icon} name="arrow-down" size=${13}/>`}${name}</button>`)}</div>`;
