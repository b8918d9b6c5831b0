/** A chart as a table, for those who read numbers. @module */
import {h, html, render} from "../vendor/preact.js";
import {formatStep, formatValue} from "../charts/format.js";
import {Dialog} from "./overlay.js";

/** Opens the table over the page. @param {import("../elements/chart-panel.js").ChartPanel} panel */
export function openChartTable(panel) {
  const host = document.createElement("div");
  document.body.append(host);
  render(h(ChartTable, {panel, onClose: () => { render(null, host); host.remove(); }}), host);
}

const COLUMNS = [["last", formatValue], ["min", formatValue], ["max", formatValue], ["visibleMin", formatValue], ["visibleMax", formatValue], ["points", formatStep], ["nan", formatStep]];
const HEADS = {visibleMin: "min in view", visibleMax: "max in view", nan: "NaN"};

function ChartTable({panel, onClose}) {
  const {title, series} = panel.chart.debugState();
  return html`<${Dialog} title=${`${title} as table`} onClose=${onClose} className="chart-table"><div class="table-box" tabindex="0" role="region" aria-label="Numbers"><table class="table">
    <thead><tr><th scope="col">Line</th>${COLUMNS.map(([key]) => html`<th key=${key} scope="col" class="number">${HEADS[key] ?? key}</th>`)}</tr></thead>
    <tbody>${series.map((line, i) => html`<tr key=${i}><th scope="row">${line.name}</th>${COLUMNS.map(([key, format]) => html`<td key=${key} class="number" title=${String(line[key])}>${format(line[key])}</td>`)}</tr>`)}</tbody></table></div></${Dialog}>`;
}
