/** A chart as a table, for those who read numbers. @module */
import {h, html, render} from "../vendor/preact.js";
import {formatStep, formatValue} from "../charts/format.js";
import * as strings from "../strings.js";
import {Dialog} from "./overlay.js";

/** Opens the table over the page. @param {import("../elements/chart-panel.js").ChartPanel} panel */
export function openChartTable(panel) {
  const host = document.createElement("div");
  document.body.append(host);
  render(h(ChartTable, {panel, onClose: () => { render(null, host); host.remove(); }}), host);
}

const COLUMNS = [["last", formatValue], ["min", formatValue], ["max", formatValue], ["visibleMin", formatValue], ["visibleMax", formatValue], ["points", formatStep], ["nan", formatStep]];
const HEADS = {last: strings.statistics.last, min: strings.statistics.min, max: strings.statistics.max, points: strings.statistics.points, visibleMin: strings.statistics.visibleMin, visibleMax: strings.statistics.visibleMax, nan: "NaN"};

function ChartTable({panel, onClose}) {
  const {title, series} = panel.chart.debugState();
  return html`<${Dialog} title=${strings.chart.asTable({title})} onClose=${onClose} className="chart-table"><div class="table-box" tabindex="0" role="region" aria-label=${strings.chart.numbers}><table class="table">
    <thead><tr><th scope="col">${strings.chart.line}</th>${COLUMNS.map(([key]) => html`<th key=${key} scope="col" class="number">${HEADS[key]}</th>`)}</tr></thead>
    <tbody>${series.map((line, i) => html`<tr key=${i}><th scope="row">${line.name}</th>${COLUMNS.map(([key, format]) => html`<td key=${key} class="number" title=${String(line[key])}>${format(line[key])}</td>`)}</tr>`)}</tbody></table></div></${Dialog}>`;
}
