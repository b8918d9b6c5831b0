/** One chart over the whole window, with its numbers as a table. @module */
import "../elements/chart-panel.js";
import {html, useEffect, useRef, useState} from "../vendor/preact.js";
import {Dialog} from "./overlay.js";
import {IconButton, RunSwatch} from "./parts.js";
import {onShortcut} from "./shortcuts.js";
import {listenToPanels} from "../pages/workspace.js";
import {compareNatural} from "../lib/natural.js";
import {formatValue} from "../charts/format.js";
import {numberOf} from "../lib/columns.js";
import * as strings from "../strings.js";

const LEGEND_ROWS = 100;

export function FullChart({store, view, shown, colors = null}) {
  const metric = view.now.full;
  const root = useRef(null), panel = useRef(null);
  const names = store.metrics.map((each) => each.name).sort(compareNatural);
  const step = (by) => { const at = names.indexOf(metric); view.set({full: names[(at + by + names.length) % names.length]}); };
  useEffect(() => { panel.current.model = {metric, runs: shown, colors, view: view.now, store, catalogue: store.metrics.find((each) => each.name === metric)}; });
  useEffect(() => listenToPanels(root.current, view), [view]);
  const keys = (event) => {
    if (event.defaultPrevented || event.target.closest?.("series-chart, input")) return;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") { event.preventDefault(); step(event.key === "ArrowRight" ? 1 : -1); }
  };
  const rows = shown.map((id) => store.runs.get(id)).filter((run) => run?.summary?.[metric]).slice(0, LEGEND_ROWS);
  return html`<${Dialog} title=${metric} onClose=${() => view.set({full: ""})} className="full-chart">
    <div ref=${root} class="full-body" onKeyDown=${keys}>
      <div class="full-plot"><chart-panel ref=${panel} key=${metric}></chart-panel></div>
      <div class="row"><${IconButton} icon="chevron-left" label=${strings.chart.previous} onClick=${() => step(-1)}/><${IconButton} icon="chevron-right" label=${strings.chart.next} onClick=${() => step(1)}/><span class="muted small">${strings.common.someOf({some: names.indexOf(metric) + 1, all: names.length})}</span></div>
      <div class="table-box legend-table" tabindex="0" role="region" aria-label=${strings.chart.numbers}><table class="table"><thead><tr><th scope="col">${strings.common.run}</th>${[strings.statistics.last, strings.statistics.min, strings.statistics.max, strings.statistics.mean, "NaN"].map((head) => html`<th key=${head} scope="col" class="number">${head}</th>`)}</tr></thead>
        <tbody>${rows.map((run) => { const s = run.summary[metric]; return html`<tr key=${run.id}><th scope="row"><${RunSwatch} run=${run}/> ${run.name}</th>${["last", "min", "max", "mean", "nan"].map((key) => html`<td key=${key} class="number" title=${String(s[key])}>${formatValue(numberOf(s[key]))}</td>`)}</tr>`; })}</tbody></table></div>
    </div></${Dialog}>`;
}
