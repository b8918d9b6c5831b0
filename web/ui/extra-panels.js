/** The charts that a person added to the workspace. @module */
import {html, useEffect, useRef, useState} from "../vendor/preact.js";
import {columnOf} from "../lib/columns.js";
import {groupBars} from "../lib/group-bars.js";
import {configPaths} from "../lib/run-keys.js";
import {scatterOf} from "../lib/run-points.js";
import {runColor} from "../charts/colors.js";
import {formatStep} from "../charts/format.js";
import {themeNow} from "../preferences.js";
import {parseFormula} from "../lib/formula.js";
import {listenToPanels} from "../pages/workspace.js";
import * as strings from "../strings.js";
import {lazy} from "./lazy.js";
import {Markdown} from "./markdown.js";
import {Popover} from "./overlay.js";
import {Icon, IconButton} from "./parts.js";
import {AxisTools, ScatterTools} from "./plot-tools.js";
import {useGroups} from "./use-groups.js";

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
        : panel.type === "histogram" ? html`<${HistogramBox} store=${store} name=${String(panel.keys[0])} runs=${shown} find colors=${colors} mode=${panel.mode ?? "bands"} onMode=${(mode) => change(i, {mode})} actions=${button(i)}/>`
        : panel.type === "text" ? html`<div class="own-text" tabindex="0" role="region" aria-label=${strings.chart.textNumbered({number: i + 1})}><${Markdown} text=${String(panel.keys[0] ?? "")}/></div>` : ELEMENTS[panel.type] && html`<${RunPlot} panel=${panel} store=${store} view=${view} shown=${shown} colors=${colors} change=${(settings) => change(i, settings)} remove=${button(i)}/>`}
      ${!ELEMENTS[panel.type] && panel.type !== "histogram" && button(i)}</div>`)}</div></section>`;
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

function RunPlot({panel, store, view, shown, colors, change, remove}) {
  const element = useRef(null);
  const [loaded, setLoaded] = useState(false);
  useEffect(() => { ELEMENTS[panel.type]?.().then(() => setLoaded(true)); }, [panel.type]);
  const {type} = panel, columns = panel.keys.map(columnOf), theme = themeNow();
  const runs = shown.map((id) => store.runs.get(id)).filter((run) => run?.config || run?.summary);
  const color = (run) => colors?.of(run).color ?? runColor(run.color, theme), base = (run) => ({run: run.id, name: run.name, color: color(run)});
  const size = typeof panel.size === "string" ? panel.size : "", log = typeof panel.log === "string" ? panel.log : "none", turned = Array.isArray(panel.turned) ? panel.turned : [];
  const axes = columns.map((column) => ({key: column.key, name: column.label, invert: turned.includes(column.key)}));
  const isGrouped = type === "bar" && view.now.grouped && view.now.groupBy.length > 0, by = isGrouped ? view.now.groupBy : [];
  const groups = useGroups(store, {...view.now, groupBy: by}, panel.keys).answer;
  const {data, options, positive} = isGrouped ? {data: groupBars(groups, panel.keys[0], (place) => runColor(place, theme)), options: {about: aboutGroups(groups.groups)}} : {
    scatter: () => scatterOf(runs, {x: panel.keys[0], y: panel.keys[1], size, log}, color, store.metrics),
    parallel: () => ({data: runs.map((run) => ({...base(run), values: Object.fromEntries(columns.map((column) => [column.key, column.value(run)]))})), options: {colorBy: axes.at(-1).key}}),
    bar: () => ({data: runs.map((run) => ({...base(run), value: columns[0].value(run)})).filter((bar) => Number.isFinite(bar.value)), options: {}}),
  }[type]();
  const title = type === "scatter" ? strings.chart.yByX({y: options.yName, x: options.xName}) : type === "parallel" ? strings.common.parallelCoordinates : columns[0].label;
  const stamp = JSON.stringify([data, options, axes]);
  useEffect(() => {
    if (!loaded || !element.current) return;
    const chart = element.current;
    if (type === "parallel") chart.axes = axes;
    chart.options = {...options, title};
    chart.data = data;
  }, [loaded, stamp]);
  const tools = type === "scatter" ? html`<${ScatterTools} keys=${numbersOf(store, runs)} size=${size} log=${log} positive=${positive} onChange=${change}/>`
    : type === "parallel" ? html`<${AxisTools} axes=${axes} turned=${turned} onChange=${(keys) => change({turned: keys})}/>` : null;
  const actions = html`<div slot="actions" class="chart-actions">${tools && html`<${Popover} icon="sliders-horizontal" label=${strings.plots.settings({title})} className="icon-button">${tools}</${Popover}>`}${remove}</div>`;
  return loaded ? html`<${`${type}-chart`} ref=${element}>${actions}<//>` : html`<div class="skeleton-page" aria-label=${strings.common.loading}></div>`;
}

const aboutGroups = (groups) => ({text: strings.plots.groups({count: groups.length, runs: formatStep(groups.reduce((sum, group) => sum + group.runs, 0))}), hint: strings.plots.groupsHint});

/** Keys that have numbers in these runs. */
const numbersOf = (store, runs) => [...configPaths(store).map((path) => `config.${path}`), ...store.metrics.map(({name}) => `summary.${name}.last`)].filter((key) => runs.some((run) => typeof columnOf(key).value(run) === "number"));
