/** The charts that a person added to the workspace. @module */
import {html, useEffect, useRef, useState} from "../vendor/preact.js";
import {columnOf} from "../lib/columns.js";
import {frontOf} from "../lib/pareto.js";
import {runColor} from "../charts/colors.js";
import {themeNow} from "../preferences.js";
import {parseFormula} from "../lib/formula.js";
import {listenToPanels} from "../pages/workspace.js";
import * as strings from "../strings.js";
import {Markdown} from "./markdown.js";
import {Icon, IconButton} from "./parts.js";

export function ExtraPanels({store, view, shown, colors}) {
  const {panels} = view.now;
  const root = useRef(null);
  useEffect(() => (root.current ? listenToPanels(root.current, view) : undefined), [view, panels.length > 0]);
  if (!Array.isArray(panels) || panels.length === 0) return null;
  const remove = (index) => view.set({panels: panels.filter((_, i) => i !== index)});
  return html`<section class="section" ref=${root}><h2 class="section-head"><span class="section-name"><${Icon} name="chart-line"/>${strings.chart.own}<span class="count">${panels.length}</span></span></h2>
    <div class="own-charts">${panels.map((panel, i) => html`<div class="own-chart" key=${`${i}:${JSON.stringify(panel)}`}>
      ${panel.type === "line" || panel.type === "formula" ? html`<${LinePanel} panel=${panel} store=${store} view=${view} shown=${shown} colors=${colors}/>`
        : panel.type === "text" ? html`<div class="own-text" tabindex="0" role="region" aria-label=${strings.chart.textNumbered({number: i + 1})}><${Markdown} text=${String(panel.keys[0] ?? "")}/></div>` : html`<${RunPlot} panel=${panel} store=${store} shown=${shown} colors=${colors}/>`}
      <${IconButton} icon="x" className="own-remove" label=${strings.chart.removeNumbered({number: i + 1})} onClick=${() => remove(i)}/></div>`)}</div></section>`;
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

const ELEMENTS = {scatter: () => import("../elements/scatter-chart.js"), parallel: () => import("../elements/parallel-chart.js"), bar: () => import("../elements/bar-chart.js")};

function RunPlot({panel, store, shown, colors}) {
  const element = useRef(null);
  const [loaded, setLoaded] = useState(false);
  useEffect(() => { ELEMENTS[panel.type]?.().then(() => setLoaded(true)); }, [panel.type]);
  const columns = panel.keys.map(columnOf), theme = themeNow();
  const runs = shown.map((id) => store.runs.get(id)).filter((run) => run?.config || run?.summary);
  const base = (run) => ({run: run.id, name: run.name, color: colors?.of(run).color ?? runColor(run.color, theme)});
  const [title, data] = {
    scatter: () => [strings.chart.yByX({y: columns[1].label, x: columns[0].label}), runs.map((run) => ({...base(run), x: columns[0].value(run), y: columns[1].value(run)})).filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y))],
    parallel: () => [strings.common.parallelCoordinates, runs.map((run) => ({...base(run), values: Object.fromEntries(columns.map((column) => [column.key, column.value(run)]))}))],
    bar: () => [columns[0].label, runs.map((run) => ({...base(run), value: columns[0].value(run)})).filter((bar) => Number.isFinite(bar.value))],
  }[panel.type]?.() ?? ["", []];
  const stamp = JSON.stringify(data);
  useEffect(() => {
    if (!loaded || !element.current) return;
    const chart = element.current;
    if (panel.type === "parallel") chart.axes = columns.map((column) => ({key: column.key, name: column.label}));
    chart.options = panel.type === "scatter" ? {title, xName: columns[0].label, yName: columns[1].label, xScale: "linear", yScale: "linear", pareto: frontOf(panel.keys[0], panel.keys[1], store.metrics)} : panel.type === "parallel" ? {title, colorBy: columns.at(-1).key} : {title};
    chart.data = data;
  }, [loaded, stamp]);
  return loaded ? html`<${`${panel.type}-chart`} ref=${element}/>` : html`<div class="skeleton-page" aria-label=${strings.common.loading}></div>`;
}
