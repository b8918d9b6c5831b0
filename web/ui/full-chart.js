/** One chart over the whole window, with its numbers as a table. @module */
import "../elements/chart-panel.js";
import {html, useEffect, useRef, useState} from "../vendor/preact.js";
import {Dialog} from "./overlay.js";
import {IconButton, RunSwatch} from "./parts.js";
import {onShortcut} from "./shortcuts.js";
import {listenToPanels} from "../pages/workspace.js";
import {compareNatural} from "../lib/natural.js";
import {formatValue} from "../charts/format.js";
import {visibleNumbers} from "../charts/visible-numbers.js";
import {rangeOf} from "../lib/chart-query.js";
import * as strings from "../strings.js";

const LEGEND_ROWS = 100;

export function FullChart({store, view, shown, colors = null}) {
  const metric = view.now.full;
  const root = useRef(null), panel = useRef(null);
  const names = store.metrics.map((each) => each.name).sort(compareNatural);
  const step = (by) => { const at = names.indexOf(metric); view.set({full: names[(at + by + names.length) % names.length]}); };
  useEffect(() => { panel.current.model = {metric, runs: shown, colors, view: view.now, store, catalogue: store.metrics.find((each) => each.name === metric)}; });
  useEffect(() => listenToPanels(root.current, view), [view]);
  const [, tell] = useState(0);
  useEffect(() => {
    const painted = () => tell((n) => n + 1), element = root.current;
    element.addEventListener("chart-painted", painted);
    return () => element.removeEventListener("chart-painted", painted);
  }, []);
  const keys = (event) => {
    if (event.defaultPrevented || event.target.closest?.("series-chart, input")) return;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") { event.preventDefault(); step(event.key === "ArrowRight" ? 1 : -1); }
  };
  const rows = numbersOf(panel.current?.model?.metric === metric ? panel.current.chart.series : [], store, rangeOf(metric, view.now));
  return html`<${Dialog} title=${metric} onClose=${() => view.set({full: ""})} className="full-chart">
    <div ref=${root} class="full-body" onKeyDown=${keys}>
      <div class="full-plot"><chart-panel ref=${panel} key=${metric}></chart-panel></div>
      <div class="row"><${IconButton} icon="chevron-left" label=${strings.chart.previous} onClick=${() => step(-1)}/><${IconButton} icon="chevron-right" label=${strings.chart.next} onClick=${() => step(1)}/><span class="muted small">${strings.common.someOf({some: names.indexOf(metric) + 1, all: names.length})}</span></div>
      <div class="table-box legend-table" tabindex="0" role="region" aria-label=${strings.chart.numbers}><table class="table"><thead><tr><th scope="col">${strings.common.run}</th>${[strings.statistics.last, strings.statistics.min, strings.statistics.max, strings.statistics.mean, "NaN"].map((head) => html`<th key=${head} scope="col" class="number">${head}</th>`)}</tr></thead>
        <tbody>${rows.map(({key: id, run, name, numbers}) => html`<tr key=${id}><th scope="row">${run && html`<${RunSwatch} run=${run}/> `}${name}</th>${Object.entries(numbers).map(([key, value]) => html`<td key=${key} class="number" title=${String(value)}>${formatValue(value)}</td>`)}</tr>`)}</tbody></table></div>
    </div></${Dialog}>`;
}

/** What each line comes to in view: of a run, or of a group. */
function numbersOf(series, store, range) {
  return series.filter(({member}) => !member).slice(0, LEGEND_ROWS).map(({run, name, data}) => ({key: run, run: store.runs.get(data.run), name, numbers: visibleNumbers(data, range)}));
}
