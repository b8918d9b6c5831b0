/** The line above the charts: metric filter, x-axis, smoothing, layout, view. @module */
import {html, useEffect, useMemo, useRef, useState} from "../vendor/preact.js";
import {metricMatcher} from "../lib/sections.js";
import * as strings from "../strings.js";
import {onShortcut} from "./shortcuts.js";
import {copyText, Icon, IconButton} from "./parts.js";
import {toast} from "./overlay.js";
import {afterFirstData, lazy, useLater} from "./lazy.js";

const AddChart = lazy(() => import("./add-chart.js"), "AddChart");
const OwnSections = lazy(() => import("./own-sections.js"), "OwnSections");
const LayoutMenu = lazy(afterFirstData(() => import("./layout-menu.js")), "LayoutMenu", () => html`<${IconButton} icon="sliders-horizontal" label=${strings.layout.title}/>`);
const SavedViews = lazy(afterFirstData(() => import("./saved-views.js")), "SavedViews", () => html`<span class="saved-views-room"></span>`);

const KINDS = [["timeEMA", strings.smoothing.timeEMA], ["ema", strings.smoothing.ema], ["gaussian", strings.smoothing.gaussian], ["average", strings.smoothing.average]];
export const AXES = [["step", strings.common.step], ["running", strings.axes.runningTime], ["relative", strings.axes.relative], ["wall", strings.axes.wall]];

/** Under how many runs one is looked for that an axis can be derived for. */
const LOOKED_AT = 1000;

/** The axes that can be chosen, as `[value, label, rule]`; derived ones when the code for them is there, after the first data. */
function useAxes(store, now) {
  const [library, setLibrary] = useState(null);
  useLater(laterAxes, (module) => { setLibrary(module); }, []);
  const derived = useMemo(() => library?.derivedChoices([...store.runs.values()].slice(0, LOOKED_AT), store.metrics) ?? [], [library, store.runs.size, store.metrics]);
  const known = [...AXES, ...epochAxis(store.metrics), ...derived];
  return known.some(([value]) => value === now.x) || now.x.startsWith("metric:") ? known : [...known, [now.x, now.x.replace(/^of:/, ""), ""]];
}
const laterAxes = afterFirstData(() => import("../lib/x-axes.js"));

/** The epoch goes before other metrics, where it is logged. */
export function epochAxis(metrics) {
  const epoch = metrics.find(({name}) => /(^|\/)epochs?$/i.test(name));
  return epoch ? [[`metric:${epoch.name}`, strings.axes.epoch]] : [];
}

export function ChartToolbar({store, view, sidebar = true, onSidebar = null, runPage = false}) {
  const now = view.now;
  const [adding, setAdding] = useState(false), [sections, setSections] = useState(false);
  const metricBox = useRef(null), axis = useRef(null), smoothing = useRef(null);
  useEffect(() => onShortcut({m: () => metricBox.current.focus(), x: () => axis.current.focus(), s: () => smoothing.current.focus()}), []);
  const axes = useAxes(store, now);
  const zoomed = now.range || Object.values(now.charts).some((own) => own.range || own.yRange);
  return html`<div class="toolbar" role="region" aria-label=${strings.toolbar.title}>
    ${!sidebar && onSidebar && html`<${IconButton} icon="panel-left" label=${strings.toolbar.showRuns} onClick=${onSidebar}/>`}
    <${MetricFilter} view=${view} box=${metricBox}/>
    <label class="tool"><span>${strings.axes.x}</span><select ref=${axis} class="select" aria-label=${strings.axes.title} value=${now.x} onChange=${(event) => view.set({x: event.target.value, range: null, charts: withoutRanges(now.charts)})}>
      ${axes.map(([value, label, rule]) => html`<option key=${value} value=${value} title=${rule} selected=${value === now.x}>${label}</option>`)}
      <optgroup label=${strings.common.metric}>${store.metrics.slice(0, 200).filter(({name}) => !axes.some(([value]) => value === `metric:${name}`)).map(({name}) => html`<option key=${name} value=${`metric:${name}`} selected=${`metric:${name}` === now.x}>${name}</option>`)}</optgroup></select></label>
    <${Smoothing} view=${view} input=${smoothing}/>
    ${zoomed && html`<${IconButton} icon="scan" label=${strings.toolbar.resetZoom} onClick=${() => view.set({range: null, charts: withoutRanges(now.charts)})}/>`}
    <span class="spring"></span>
    ${!runPage && html`<${IconButton} icon="plus" label=${strings.addChart.title} onClick=${() => setAdding(true)}/>`}
    ${adding && html`<${AddChart} store=${store} view=${view} onClose=${() => setAdding(false)}/>`}
    ${!runPage && html`<${Undo} view=${view}/>`}
    <${LayoutMenu} view=${view} runPage=${runPage} onSections=${() => setSections(true)}/>
    ${sections && html`<${OwnSections} store=${store} view=${view} onClose=${() => setSections(false)}/>`}
    ${!runPage && html`<${SavedViews} store=${store} view=${view}/>`}
    <${IconButton} icon="link" label=${strings.toolbar.copyLink} onClick=${async () => { await copyText(location.href); toast(strings.common.viewLinkCopied); }}/>
    <${Baseline} store=${store} view=${view}/>
  </div>`;
}

export const withoutRanges = (charts) => Object.fromEntries(Object.entries(charts).map(([metric, {range, yRange, ...rest}]) => [metric, rest]).filter(([, rest]) => Object.keys(rest).length));

function MetricFilter({view, box}) {
  const [text, setText] = useState(view.now.metrics);
  useEffect(() => { setText(view.now.metrics); }, [view.now.metrics]);
  const {error} = metricMatcher(text);
  const input = (event) => {
    setText(event.target.value);
    // While a pattern is wrong nothing disappears: the last good one stays.
    if (!metricMatcher(event.target.value).error) view.set({metrics: event.target.value}, {key: "metrics"});
  };
  return html`<div class=${`search ${error ? "invalid" : ""}`}><${Icon} name="search"/><input ref=${box} class="input" type="search" placeholder=${strings.toolbar.filterMetrics} aria-label=${strings.toolbar.filterMetricsHint}
    aria-invalid=${error ? "true" : undefined} title=${error ?? strings.toolbar.filterMetricsRule} value=${text} onInput=${input}/></div>`;
}

function Smoothing({view, input}) {
  const {kind, amount} = view.now.smoothing;
  const average = kind === "average";
  const set = (fields) => view.set({smoothing: {kind, amount, ...fields}}, {key: "smoothing"});
  return html`<div class="tool" role="group" aria-label=${strings.smoothing.title}>
    <span>${strings.smoothing.smooth}</span>
    <input ref=${input} class="range" type="range" min="0" max=${average ? 200 : 0.999} step=${average ? 1 : 0.001} value=${amount} aria-label=${strings.smoothing.title} onInput=${(event) => set({amount: Number(event.target.value)})}/>
    <input class="input tiny" type="number" min="0" max=${average ? 10000 : 0.999} step=${average ? 1 : 0.01} value=${amount} aria-label=${strings.smoothing.amountLabel} onChange=${(event) => set({amount: Math.max(0, Math.min(average ? 10000 : 0.999, Number(event.target.value) || 0))})}/>
    <select class="select narrow" aria-label=${strings.smoothing.kind} value=${kind} onChange=${(event) => set({kind: event.target.value, amount: event.target.value === "average" ? Math.round(amount * 100) : Math.min(0.999, amount > 1 ? amount / 100 : amount)})}>
      ${KINDS.map(([value, label]) => html`<option key=${value} value=${value} selected=${value === kind}>${label}</option>`)}</select></div>`;
}

/** What the charts show against a baseline, and the way back. */
function Baseline({store, view}) {
  const {baseline, against} = view.now;
  if (!against || !baseline) return null;
  const name = store.runs.get(baseline)?.name ?? baseline;
  return html`<span class="tag-chip baseline-chip"><select class="select" aria-label=${strings.baseline.against({name})} onChange=${(event) => view.set({against: event.target.value})}>
    <option value="difference" selected=${against === "difference"}>${strings.baseline.minus}</option><option value="ratio" selected=${against === "ratio"}>${strings.baseline.dividedBy}</option></select> <span class="clip">${name}</span>
    <${IconButton} icon="x" size=${12} label=${strings.baseline.none} onClick=${() => view.set({against: ""})}/></span>`;
}

function Undo({view}) {
  return html`<span class="pair"><${IconButton} icon="undo-2" label=${strings.toolbar.undo} disabled=${!view.canUndo} onClick=${() => view.undo()}/>
    <${IconButton} icon="redo-2" label=${strings.toolbar.redo} disabled=${!view.canRedo} onClick=${() => view.redo()}/></span>`;
}
