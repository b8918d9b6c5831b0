/** The page people live on: runs beside sections of live charts. @module */
import "../elements/chart-grid.js";
import {html, useEffect, useLayoutEffect, useMemo, useRef, useState} from "../vendor/preact.js";
import {busy, firstData, ready} from "../idle.js";
import {useChanges} from "../store/signal.js";
import {shownRuns} from "../store/shown.js";
import {metricMatcher, sectionsOf} from "../lib/sections.js";
import {onShortcut} from "../ui/shortcuts.js";
import {Empty, Icon} from "../ui/parts.js";
import {ChartToolbar} from "../ui/chart-toolbar.js";
import {afterFirstData, lazy, loadUntil, useLater} from "../ui/lazy.js";
import {preference, prefer, themeNow} from "../preferences.js";
import * as strings from "../strings.js";

const MANY_METRICS = 300, COMPACT_HEIGHT = 192;
// The list of runs comes when the first chart is drawn, into the room that is kept for it.
const Sidebar = lazy(afterFirstData(() => import("../ui/sidebar.js")), "Sidebar", () => html`<aside class="sidebar" aria-label=${strings.common.runs} style=${{"--sidebar": `${preference("sidebar")}px`}}></aside>`);
const SectionMenu = lazy(afterFirstData(() => import("../ui/section-menu.js")), "SectionMenu");
const ExtraPanels = lazy(() => import("../ui/extra-panels.js"), "ExtraPanels");
const HistogramSection = lazy(afterFirstData(() => import("../ui/histogram-section.js")), "HistogramSection");
const AllPutAway = lazy(() => import("../ui/put-away.js"), "AllPutAway");
const FirstRun = lazy(() => import("../ui/first-run.js"), "FirstRun");
const FullChart = lazy(() => import("../ui/full-chart.js"), "FullChart");

export default function Workspace({store, view, project, begun}) {
  useChanges(store, "runs", "metrics", "status");
  useChanges(view);
  const [sidebar, setSidebar] = useState(!preference("sidebarHidden") && innerWidth >= 1100);
  const now = view.now;
  const shown = shownRuns(store, now);
  const colors = useRunColors(now.colorBy, shown.map((id) => store.runs.get(id)).filter(Boolean));
  useEffect(() => { document.title = strings.common.pageTitle({page: project}); }, [project]);
  useEffect(() => { store.ensure([...now.on, ...(now.against && now.baseline ? [now.baseline] : [])]); if (now.show === "all" || now.show === "running") store.loadTo(1000); }, [now.on, now.show, now.against, now.baseline, store.status]);
  // Effects run later: what they speak of is what was drawn, not what came meanwhile.
  const hasNothing = begun && store.status === "ready" && store.metricsKnown && (store.metrics.length === 0 || shown.length === 0);
  useEffect(() => { if (hasNothing) ready(); });      // with charts to draw, the first of them says that the page is ready
  useFavicon(shown.some((id) => store.runs.get(id)?.live));
  const toggleSidebar = () => { setSidebar(!sidebar); if (innerWidth >= 1100) prefer("sidebarHidden", sidebar); };
  useEffect(() => onShortcut({"mod+b": toggleSidebar}), [sidebar]);
  useChartKeys(view);
  if (store.status === "loading" || !begun) return html`<main id="main" class="workspace"><h1 class="visually-hidden">${project}</h1><div class="skeleton-page" aria-label=${strings.workspace.loadingRuns}></div></main>`;
  if (store.total === 0 && !now.filter) {
    if (store.putAway.archived + store.putAway.deleted === 0) return html`<${FirstRun} project=${project}/>`;
    return html`<main id="main" class="page narrow"><h1>${project}</h1><div class="card"><${Empty} icon="archive" title=${strings.runs.allPutAway}><div class="row"><${AllPutAway} store=${store} view=${view}/></div></${Empty}></div></main>`;
  }
  return html`<div class=${`workspace ${sidebar ? "" : "no-sidebar"}`}>
    ${sidebar && html`<${Sidebar} store=${store} view=${view} shown=${shown} colors=${colors} onClose=${toggleSidebar}/>`}
    <main id="main" class="charts" data-scroller tabindex="-1">
      <h1 class="visually-hidden">${project}</h1>
      <${ChartToolbar} store=${store} view=${view} sidebar=${sidebar} onSidebar=${toggleSidebar}/>
      ${now.panels.length > 0 && html`<${ExtraPanels} store=${store} view=${view} shown=${shown} colors=${colors}/>`}
      <${Sections} store=${store} view=${view} shown=${shown} colors=${colors}/>
      <${HistogramSection} store=${store} view=${view} shown=${shown} colors=${colors}/>
    </main>
    ${now.full && html`<${FullChart} store=${store} view=${view} shown=${shown} colors=${colors}/>`}
  </div>`;
}

/** Colours by a key are code that few views need. @returns {import("../lib/run-colors.js").RunColors|null} */
function useRunColors(by, runs) {
  const [library, setLibrary] = useState(null);
  useEffect(() => {
    if (!by || library) return undefined;
    const abort = new AbortController(), done = busy();
    loadUntil(() => import("../lib/run-colors.js"), abort.signal).then((module) => { if (!abort.signal.aborted) setLibrary(module); }).finally(done);
    return () => { abort.abort(); done(); };
  }, [Boolean(by)]);
  return by && library ? library.runColors(by, runs, themeNow()) : null;
}

/** The sections of charts; also used for one run. */
export function Sections({store, view, shown, colors = null, metrics = store.metrics, systemOpen = false}) {
  const now = view.now;
  const matcher = useMemo(() => metricMatcher(now.metrics), [now.metrics]);
  const names = useMemo(() => metrics.map((metric) => metric.name).filter((name) => matcher.test(name)), [metrics, matcher]);
  const sections = useMemo(() => sectionsOf(names, {rule: now.rule, pinned: now.pinned, order: now.order, own: now.own}), [names, now.rule, now.pinned, now.order, now.own]);
  const catalogue = useMemo(() => new Map(metrics.map((metric) => [metric.name, metric])), [metrics]);
  const root = useRef(null);
  useLayoutEffect(() => listenToPanels(root.current, view), [view]);
  const isOpen = ({name}) => isSectionOpen(now, name, (systemOpen || name !== "system") && metrics.length <= MANY_METRICS);
  // Without a chart to draw nothing else says so; before the metrics are known there may be one yet.
  const hasNoChart = (metrics.length > 0 || store.metricsKnown) && sections.every((section) => !isOpen(section));
  useEffect(() => { if (hasNoChart) ready(); });
  return html`<div class="sections" ref=${root}>
    ${sections.map((section) => html`<section key=${section.name} class="section" aria-label=${section.name}>
      <${SectionHead} name=${section.name} count=${section.metrics.length} open=${isOpen(section)} view=${view}>${isOpen(section) && html`<${SectionMenu} section=${section} store=${store} view=${view}/>`}<//>
      ${isOpen(section) && html`<${Grid} metrics=${section.metrics} store=${store} view=${view} shown=${shown} colors=${colors} catalogue=${catalogue}/>`}
    </section>`)}
    ${sections.length === 0 && metrics.length > 0 && html`<${Empty} icon="funnel" title=${strings.workspace.noMetricMatches}><p class="muted">${strings.workspace.noneLeft({text: now.metrics, count: metrics.length})}</p>
      <button type="button" class="button" onClick=${() => view.set({metrics: ""})}>${strings.filter.clear}</button></${Empty}>`}
    ${metrics.length === 0 && store.metricsKnown && html`<${Empty} icon="chart-line" title=${strings.workspace.noMetric}><p class="muted">${strings.workspace.noMetricHint}</p></${Empty}>`}
  </div>`;
}

/** Whether a section is open: as somebody chose, or because metrics are looked for, or as it begins. */
export const isSectionOpen = ({open, closed, metrics}, name, begins) => open.includes(name) || (!closed.includes(name) && (metrics !== "" || begins));

/** A section's name, which opens and closes it, and what stands beside it. */
export function SectionHead({name, count, open, view, children}) {
  const toggle = () => {
    const [opened, closed] = [view.now.open, view.now.closed].map((list) => list.filter((each) => each !== name));
    view.set(open ? {open: opened, closed: [...closed, name]} : {open: [...opened, name], closed});
  };
  return html`<div class="section-head"><h2><button type="button" aria-expanded=${open ? "true" : "false"} onClick=${toggle}>
    <${Icon} name=${open ? "chevron-down" : "chevron-right"}/>${name}<span class="count">${count}</span></button></h2>${children}</div>`;
}

/** Marks of events are drawn while few enough runs are shown to tell whose they are. */
const MARKED_RUNS = 5;

function Grid({metrics, store, view, shown, colors, catalogue}) {
  const element = useRef(null);
  useChanges(store, "events");
  useEffect(() => { if (shown.length <= MARKED_RUNS) store.events.load(shown); }, [shown.join()]);
  const events = shown.length <= MARKED_RUNS ? shown.flatMap((id) => store.events.of(id)) : [];
  useLayoutEffect(() => {
    element.current.model = {metrics, perRow: view.now.perRow, height: preference("density") === "compact" ? COMPACT_HEIGHT : undefined, sizes: view.now.sizes, panel: (metric) => ({metric, runs: shown, colors, view: view.now, store, events: events.filter((event) => !event.metric || event.metric === metric), catalogue: catalogue.get(metric)})};
  });
  return html`<chart-grid ref=${element}></chart-grid>`;
}

/** What charts ask for by events goes into the view. */
export function listenToPanels(root, view) {
  const listeners = new AbortController();
  const {signal} = listeners;
  root.addEventListener("chart-settings", ({detail: {metric, settings, key}}) => {
    if (view.now.link && "range" in settings) {
      const {range, ...rest} = settings;
      view.set({range: range ?? null}, {key});
      if (Object.values(rest).some((value) => value !== undefined)) view.setChart(metric, rest, {key});
    } else {
      view.setChart(metric, settings, {key});
    }
  }, {signal});
  root.addEventListener("chart-full", ({detail}) => view.set({full: detail.metric}), {signal});
  root.addEventListener("chart-pin", ({detail: {metric}}) => {
    const {pinned} = view.now;
    view.set({pinned: pinned.includes(metric) ? pinned.filter((name) => name !== metric) : [...pinned, metric]});
  }, {signal});
  root.addEventListener("chart-move", ({detail}) => view.set({order: detail.order.concat(view.now.order.filter((name) => !detail.order.includes(name)))}), {signal});
  root.addEventListener("chart-size", ({detail: {metric, columns}}) => {
    const {[metric]: _, ...rest} = view.now.sizes;
    view.set({sizes: columns > 1 ? {...rest, [metric]: columns} : rest});
  }, {signal});
  root.addEventListener("chart-painted", ready, {signal});
  return () => listeners.abort();
}

const laterShortcuts = afterFirstData(() => import("../ui/chart-shortcuts.js"));
/** Keys that act on charts come when there is one. */
export function useChartKeys(view) { useLater(laterShortcuts, ({chartShortcuts}) => chartShortcuts(view), [view]); }

/** The tab's icon has a dot while a run on the page is live. */
export function useFavicon(live) {
  useEffect(() => {
    firstData.then(() => {
      const icon = /** @type {HTMLLinkElement} */ (document.getElementById("favicon")), name = live ? "track-live.svg" : "track.svg";
      if (!icon.href.endsWith(name)) icon.href = icon.href.replace(/track(-live)?\.svg$/, name);
    });
  }, [live]);
}
