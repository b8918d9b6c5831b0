/** The charts that a person added to the workspace. @module */
import {html, useEffect, useRef} from "../vendor/preact.js";
import {parseFormula} from "../lib/formula.js";
import {listenToPanels} from "../pages/workspace.js";
import * as strings from "../strings.js";
import {lazy} from "./lazy.js";
import {Markdown} from "./markdown.js";
import {Icon, IconButton} from "./parts.js";
import {isRunPanel, RunPanel} from "./run-panel.js";

const HistogramBox = lazy(() => import("./histogram-box.js"), "HistogramBox");

export function ExtraPanels({store, view, shown, colors}) {
  const {panels} = view.now;
  const root = useRef(null);
  useEffect(() => (root.current ? listenToPanels(root.current, view) : undefined), [view, panels.length > 0]);
  if (!Array.isArray(panels) || panels.length === 0) return null;
  const remove = (index) => view.set({panels: panels.filter((_, i) => i !== index)});
  const change = (index, settings) => view.set({panels: panels.map((panel, i) => (i === index ? {...panel, ...settings} : panel))});
  const button = (i) => html`<${IconButton} icon="x" className="own-remove" label=${strings.chart.removeNumbered({number: i + 1})} onClick=${() => remove(i)}/>`;
  return html`<section class="section" ref=${root}><h2 class="section-head"><span class="section-name"><${Icon} name="chart-line"/>${strings.chart.own}<span class="count">${panels.length}</span></span></h2>
    <div class="own-charts">${panels.map((panel, i) => html`<div class="own-chart" key=${`${i}:${panel.type}:${panel.keys}`}>
      ${panel.type === "line" || panel.type === "formula" ? html`<${LinePanel} panel=${panel} store=${store} view=${view} shown=${shown} colors=${colors}/>`
        : panel.type === "histogram" ? html`<${HistogramBox} store=${store} name=${String(panel.keys[0])} runs=${shown} colors=${colors} mode=${panel.mode} onMode=${(mode) => change(i, {mode})} actions=${button(i)}/>`
        : panel.type === "text" ? html`<div class="own-text" tabindex="0" role="region" aria-label=${strings.chart.textNumbered({number: i + 1})}><${Markdown} text=${String(panel.keys[0] ?? "")}/></div>` : isRunPanel(panel) && html`<${RunPanel} panel=${panel} store=${store} view=${view} shown=${shown} colors=${colors} change=${(settings) => change(i, settings)} remove=${button(i)}/>`}
      ${!isRunPanel(panel) && panel.type !== "histogram" && button(i)}</div>`)}</div></section>`;
}

/** A formula in a link that was edited by hand may be wrong; then its text is taken for a metric, and the chart says that no run logs it. */
function readFormula(text = "") {
  try { return parseFormula(text); } catch { return null; }
}

function LinePanel({panel, store, view, shown, colors}) {
  const element = useRef(null);
  useEffect(() => {
    const keys = panel.keys.filter((key) => typeof key === "string"), formula = panel.type === "formula" ? readFormula(keys[0]) : null;
    const metrics = formula?.metrics ?? keys;
    element.current.model = {metric: keys[0], metrics, formula, title: keys.join(", "), runs: shown, colors, view: view.now, store, catalogue: store.metrics.find((each) => each.name === metrics[0])};
  });
  return html`<chart-panel ref=${element}></chart-panel>`;
}
