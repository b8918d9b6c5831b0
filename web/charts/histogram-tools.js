/**
 * Controls of the histogram chart: picture, step slider, log colour; and one step's bins as a table.
 * @module
 */
import * as strings from "../strings.js";
import {formatStep, formatValue} from "./format.js";
import {sheet} from "./styles.js";

/** What can be drawn, and its name in the menu. */
export const MODES = {heatmap: strings.histogram.heatmap, ridgelines: strings.histogram.ridgelines, bands: strings.histogram.bands, overlay: strings.histogram.overlay};

export const toolStyles = sheet(`
.tools { display: flex; align-items: center; gap: 8px; padding: 0 8px; min-height: 28px; color: var(--muted, #56606e); }
.tools input[type=range] { flex: 1 1 auto; min-width: 60px; height: 24px; margin: 0; accent-color: var(--link, #0b57d0); }
.tools output { min-width: 84px; text-align: right; white-space: nowrap; }
select { font: inherit; font-size: 12px; height: 24px; color: var(--text, #1a1d23); background: var(--surface, #f5f6f8); border: 1px solid color-mix(in srgb, var(--border, #7d8694) 60%, transparent); border-radius: 5px; }
label { display: inline-flex; align-items: center; gap: 4px; white-space: nowrap; min-height: 24px; font-size: 12px; color: var(--muted, #56606e); }
select:focus-visible, input:focus-visible { outline: 2px solid var(--link, #0b57d0); outline-offset: 1px; }
.scale { display: inline-block; width: 56px; height: 8px; border-radius: 2px; flex: none; }
`);

/** Puts the controls into a view. @param {import("./chart-view.js").ChartView} view */
export function makeTools(view) {
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  const mode = make("select", {ariaLabel: strings.histogram.picture});
  for (const [value, text] of Object.entries(MODES)) mode.append(make("option", {value, textContent: text}));
  const log = make("input", {type: "checkbox"}), label = make("label", {});
  label.append(log, strings.histogram.logColour);
  const scale = make("span", {className: "scale"});
  view.head.querySelector("slot").before(mode);
  const bar = make("div", {className: "tools"}), slider = make("input", {type: "range", min: "0", step: "1", ariaLabel: strings.common.step}), output = make("output", {});
  bar.append(scale, label, slider, output);
  view.plot.after(bar);
  return {mode, log, scale, bar, slider, output};
}

/** The first 64 bins of a slice. */
export function sliceTable(name, slice) {
  const table = document.createElement("table");
  table.createCaption().textContent = name;
  const row = (cells, tag) => { const line = table.insertRow(); for (const text of cells) line.append(Object.assign(document.createElement(tag), {textContent: text})); };
  row([strings.histogram.from, strings.histogram.to, strings.histogram.count], "th");
  if (slice) for (let i = 0; i < Math.min(64, slice.counts.length); i++) row([formatValue(slice.edges[i]), formatValue(slice.edges[i + 1]), formatStep(slice.counts[i])], "td");
  return table;
}
