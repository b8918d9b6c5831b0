/** The workspace's charts with one run. @module */
import {html, useEffect, useMemo} from "../../vendor/preact.js";
import {sync} from "../../charts/sync.js";
import {useChanges} from "../../store/signal.js";
import {ChartToolbar} from "../../ui/chart-toolbar.js";
import {lazy} from "../../ui/lazy.js";
import {Sections, useChartKeys} from "../workspace.js";

const FullChart = lazy(() => import("../../ui/full-chart.js"), "FullChart");

export function RunCharts({run, store, view, system}) {
  useChanges(view);
  useChartKeys(view);
  const names = Object.keys(run.summary ?? {}).filter((name) => name.startsWith("system/") === system).sort().join("\n");
  const metrics = useMemo(() => names.split("\n").filter(Boolean).map((name) => ({name, points: run.summary[name].count, runs: 1, step: store.metrics.find((metric) => metric.name === name)?.step})), [names, store.metrics]);
  const shown = useMemo(() => [run.id], [run.id]);
  // A running run logs new metrics; its summary tells them.
  useEffect(() => {
    const rows = ({detail}) => { if (detail.run === run.id && detail.metrics?.some((name) => !(name in (store.runs.get(run.id)?.summary ?? {})))) store.loadRun(run.id).catch(() => {}); };
    store.addEventListener("rows", rows);
    return () => store.removeEventListener("rows", rows);
  }, [run.id]);
  const {at, x} = view.now;
  // A moment that the log led to is marked on every chart as soon as there is one.
  useEffect(() => {
    if (at === null) return undefined;
    const mark = () => sync.crosshair(x, at);
    addEventListener("chart-painted", mark);
    mark();
    return () => { removeEventListener("chart-painted", mark); sync.crosshair(x, null); };
  }, [at, x]);
  return html`<div class="run-body" data-scroller>
    <${ChartToolbar} store=${store} view=${view} runPage=${true}/>
    <${Sections} store=${store} view=${view} systemOpen=${system} shown=${shown} metrics=${metrics}/>
    ${view.now.full && html`<${FullChart} store=${store} view=${view} shown=${shown}/>`}
  </div>`;
}
