/** Runs by their numbers: scatter, parallel coordinates, bars. The drawing library loads with the first of them. @module */
import {html, useEffect, useMemo, useRef, useState} from "../vendor/preact.js";
import {columnOf} from "../lib/columns.js";
import {scatterOf} from "../lib/run-points.js";
import {configPaths} from "../lib/run-keys.js";
import {runColor} from "../charts/colors.js";
import {themeNow} from "../preferences.js";
import * as strings from "../strings.js";
import {Empty} from "./parts.js";
import {AxisTools, KeySelect, ScatterTools} from "./plot-tools.js";

const AXES_SHOWN = 7;

export function RunPlots({store, view, runs, onBrush}) {
  const keys = useMemo(() => [...configPaths(store).map((path) => `config.${path}`), ...store.metrics.flatMap(({name}) => [`summary.${name}.last`, `summary.${name}.min`, `summary.${name}.max`])], [store.metrics, store.runs.size]);
  const numeric = keys.filter((key) => { const column = columnOf(key); return runs.some((run) => typeof column.value(run) === "number"); });
  const metrics = numeric.filter((key) => key.endsWith(".last"));
  const firstMetric = metrics.find((key) => key.includes("val/") && !/loss/.test(key)) ?? metrics[0] ?? numeric[0];
  const {plotX, plotY, plotSize, plotLog, turned} = view.now;
  const [loaded, setLoaded] = useState(false);
  useEffect(() => { Promise.all([import("../elements/scatter-chart.js"), import("../elements/parallel-chart.js"), import("../elements/bar-chart.js")]).then(() => setLoaded(true)); }, []);
  const xKey = numeric.find((key) => key === plotX) ?? numeric.find(isRate) ?? numeric.find((key) => key.startsWith("config.")) ?? numeric[0];
  const yKey = numeric.find((key) => key === plotY) ?? firstMetric, sizeKey = numeric.find((key) => key === plotSize) ?? "";
  if (numeric.length === 0) return html`<${Empty} icon="chart-line" title=${strings.compare.noNumbers}><p class="muted">${strings.compare.noNumbersHint}</p></${Empty}>`;
  if (!loaded) return html`<div class="chart-box skeleton-page" aria-label=${strings.common.loading}></div>`;
  const varied = keys.filter((key) => key.startsWith("config.") && new Set(runs.map((run) => JSON.stringify(columnOf(key).value(run)))).size > 1).slice(0, AXES_SHOWN - 1);
  const axes = [...varied, yKey].map((key) => ({key, name: columnOf(key).label, log: isRate(key), invert: turned.includes(key)}));
  const theme = themeNow(), color = (run) => runColor(run.color, theme);
  const {data, positive, options} = scatterOf(runs, {x: xKey, y: yKey, size: sizeKey, log: plotLog}, color, store.metrics);
  const save = ({size = plotSize, log = plotLog}) => view.set({plotSize: size, plotLog: log});
  return html`<div class="toolbar"><${KeySelect} label=${strings.axes.x} keys=${numeric} value=${xKey} onChange=${(key) => view.set({plotX: key})}/><${KeySelect} label=${strings.axes.y} keys=${numeric} value=${yKey} onChange=${(key) => view.set({plotY: key})}/>
      <${ScatterTools} keys=${numeric} size=${sizeKey} log=${plotLog} positive=${positive} onChange=${save}/></div>
    <h2>${strings.chart.yByX({y: options.yName, x: options.xName})}</h2>
    <${Plot} tag="scatter-chart" data=${data} options=${{...options, title: "", brush: true}} onBrush=${onBrush}/>
    <h2>${strings.common.parallelCoordinates}</h2>
    <${AxisTools} axes=${axes} turned=${turned} onChange=${(chosen) => view.set({turned: chosen})}/>
    <${Plot} tag="parallel-chart" axes=${axes} data=${runs.map((run) => ({run: run.id, name: run.name, color: color(run), values: Object.fromEntries(axes.map(({key}) => [key, columnOf(key).value(run)]))}))} options=${{title: "", colorBy: yKey}} onBrush=${onBrush}/>
    <h2>${columnOf(yKey).label}</h2>
    <${Plot} tag="bar-chart" data=${runs.map((run) => ({run: run.id, name: run.name, color: color(run), value: columnOf(yKey).value(run)})).filter((bar) => Number.isFinite(bar.value))} options=${{title: ""}}/>`;
}

const isRate = (key) => /(^|\.)(lr|learning_rate)$/.test(key);

function Plot({tag, data, axes, options, onBrush}) {
  const element = useRef(null);
  const stamp = JSON.stringify([data, axes, options]);
  useEffect(() => {
    const chart = element.current;
    if (axes) chart.axes = axes;
    chart.options = options;
    chart.data = data;
  }, [stamp]);
  useEffect(() => {
    if (!onBrush) return undefined;
    const brush = ({detail}) => onBrush(detail.runs);
    element.current.addEventListener("brush", brush);
    return () => element.current?.removeEventListener("brush", brush);
  }, [onBrush]);
  return html`<div class="chart-box"><${tag} ref=${element}/></div>`;
}
