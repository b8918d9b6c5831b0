/** The line above the charts: metric filter, x-axis, smoothing, layout, view. @module */
import {html, useEffect, useRef, useState} from "../vendor/preact.js";
import {metricMatcher} from "../lib/sections.js";
import {onShortcut} from "./shortcuts.js";
import {copyText, Icon, IconButton} from "./parts.js";
import {Menu, toast} from "./overlay.js";
import {afterFirstData, lazy} from "./lazy.js";

const AddChart = lazy(() => import("./add-chart.js"), "AddChart");
const OwnSections = lazy(() => import("./own-sections.js"), "OwnSections");
const SavedViews = lazy(afterFirstData(() => import("./saved-views.js")), "SavedViews", () => html`<span class="saved-views-room"></span>`);

const KINDS = [["timeEMA", "Time EMA"], ["ema", "EMA"], ["gaussian", "Gaussian"], ["average", "Average"]];
export const AXES = [["step", "Step"], ["relative", "Relative time"], ["wall", "Wall clock"]];

export function ChartToolbar({store, view, sidebar = true, onSidebar = null, runPage = false}) {
  const now = view.now;
  const [adding, setAdding] = useState(false), [sections, setSections] = useState(false);
  const metricBox = useRef(null), axis = useRef(null), smoothing = useRef(null);
  useEffect(() => onShortcut({m: () => metricBox.current.focus(), x: () => axis.current.focus(), s: () => smoothing.current.focus()}), []);
  const zoomed = now.range || Object.values(now.charts).some((own) => own.range || own.yRange);
  return html`<div class="toolbar" role="region" aria-label="Charts">
    ${!sidebar && onSidebar && html`<${IconButton} icon="panel-left" label="Show the runs (Ctrl B)" onClick=${onSidebar}/>`}
    <${MetricFilter} view=${view} box=${metricBox}/>
    <label class="tool"><span>x</span><select ref=${axis} class="select" aria-label="x-axis" value=${now.x} onChange=${(event) => view.set({x: event.target.value, range: null, charts: withoutRanges(now.charts)})}>
      ${AXES.map(([value, label]) => html`<option key=${value} value=${value} selected=${value === now.x}>${label}</option>`)}
      <optgroup label="Metric">${store.metrics.slice(0, 200).map(({name}) => html`<option key=${name} value=${`metric:${name}`} selected=${`metric:${name}` === now.x}>${name}</option>`)}</optgroup></select></label>
    <${Smoothing} view=${view} input=${smoothing}/>
    ${zoomed && html`<${IconButton} icon="scan" label="Reset zoom of all charts (R)" onClick=${() => view.set({range: null, charts: withoutRanges(now.charts)})}/>`}
    <span class="spring"></span>
    ${!runPage && html`<${IconButton} icon="plus" label="Add chart" onClick=${() => setAdding(true)}/>`}
    ${adding && html`<${AddChart} store=${store} view=${view} onClose=${() => setAdding(false)}/>`}
    ${!runPage && html`<${Undo} view=${view}/>`}
    <${LayoutMenu} view=${view} runPage=${runPage} onSections=${() => setSections(true)}/>
    ${sections && html`<${OwnSections} store=${store} view=${view} onClose=${() => setSections(false)}/>`}
    ${!runPage && html`<${SavedViews} store=${store} view=${view}/>`}
    <${IconButton} icon="link" label="Copy link to this view (Y)" onClick=${async () => { await copyText(location.href); toast("Link to this view copied"); }}/>
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
  return html`<div class=${`search ${error ? "invalid" : ""}`}><${Icon} name="search"/><input ref=${box} class="input" type="search" placeholder="Filter metrics" aria-label="Filter metrics: words or /pattern/"
    aria-invalid=${error ? "true" : undefined} title=${error ?? "Words match anywhere; /…/ is a regular expression"} value=${text} onInput=${input}/></div>`;
}

function Smoothing({view, input}) {
  const {kind, amount} = view.now.smoothing;
  const average = kind === "average";
  const set = (fields) => view.set({smoothing: {kind, amount, ...fields}}, {key: "smoothing"});
  return html`<div class="tool" role="group" aria-label="Smoothing">
    <span>Smooth</span>
    <input ref=${input} class="range" type="range" min="0" max=${average ? 200 : 0.999} step=${average ? 1 : 0.001} value=${amount} aria-label="Smoothing" onInput=${(event) => set({amount: Number(event.target.value)})}/>
    <input class="input tiny" type="number" min="0" max=${average ? 10000 : 0.999} step=${average ? 1 : 0.01} value=${amount} aria-label="Smoothing amount" onChange=${(event) => set({amount: Math.max(0, Math.min(average ? 10000 : 0.999, Number(event.target.value) || 0))})}/>
    <select class="select narrow" aria-label="Kind of smoothing" value=${kind} onChange=${(event) => set({kind: event.target.value, amount: event.target.value === "average" ? Math.round(amount * 100) : Math.min(0.999, amount > 1 ? amount / 100 : amount)})}>
      ${KINDS.map(([value, label]) => html`<option key=${value} value=${value} selected=${value === kind}>${label}</option>`)}</select></div>`;
}

/** What the charts show against a baseline, and the way back. */
function Baseline({store, view}) {
  const {baseline, against} = view.now;
  if (!against || !baseline) return null;
  const name = store.runs.get(baseline)?.name ?? baseline;
  return html`<span class="tag-chip baseline-chip"><select class="select" aria-label=${`Against ${name}`} onChange=${(event) => view.set({against: event.target.value})}>
    <option value="difference" selected=${against === "difference"}>minus</option><option value="ratio" selected=${against === "ratio"}>divided by</option></select> <span class="clip">${name}</span>
    <${IconButton} icon="x" size=${12} label="No baseline" onClick=${() => view.set({against: ""})}/></span>`;
}

function LayoutMenu({view, runPage, onSections}) {
  const now = view.now;
  const perRow = (n, label) => ({label, checked: now.perRow === n, radio: true, onSelect: () => view.set({perRow: n})});
  const rule = (name, label) => ({label, checked: now.rule === name, radio: true, onSelect: () => view.set({rule: name})});
  return html`<${Menu} label="Layout" icon="sliders-horizontal" className="icon-button" items=${[
    ...(runPage ? [] : [{label: "Undo", icon: "undo-2", hint: "Ctrl Z", disabled: !view.canUndo, onSelect: () => view.undo()}, {label: "Redo", icon: "redo-2", hint: "Ctrl Shift Z", disabled: !view.canRedo, onSelect: () => view.redo()}, null]),
    perRow(0, "Charts per row: automatic"), perRow(1, "1 per row"), perRow(2, "2 per row"), perRow(3, "3 per row"), perRow(4, "4 per row"), null,
    rule("first", "Sections by the first /"), rule("last", "Sections by the last /"), rule("none", "One section"),
    {label: "Own sections…", checked: now.own.length > 0, onSelect: onSections}, null,
    ...[["", "Runs as they are"], ["first", "Runs from their first value"], ["percent", "Runs from 0 to 100 %"]].map(([name, label]) => ({label, checked: now.align === name, radio: true, onSelect: () => view.set({align: name, range: null, charts: withoutRanges(now.charts)})})), null,
    {label: "Link x-ranges", checked: now.link, onSelect: () => view.set({link: !now.link, range: null})},
    {label: "Legends of up to 8 lines", checked: now.legend, onSelect: () => view.set({legend: !now.legend})},
    {label: "Lines through the last value", checked: now.line === "last", title: "Else through the mean of each bucket", onSelect: () => view.set({line: now.line === "last" ? "mean" : "last"})},
    {label: "Leave outliers out of ranges", checked: now.outliers, hint: "O", onSelect: () => view.set({outliers: !now.outliers})},
    ...(runPage ? [] : [{label: "One line per group", checked: now.grouped, disabled: now.groupBy.length === 0, title: now.groupBy.length ? "" : "Group the runs first", onSelect: () => view.set({grouped: !now.grouped})},
      ...(now.grouped ? [{label: "The runs behind their groups", checked: now.members, onSelect: () => view.set({members: !now.members})}, null, ...["mean", "median", "iqm", "min", "max"].map((name) => ({label: `Group line: ${name}`, checked: now.aggregate === name, radio: true, onSelect: () => view.set({aggregate: name})})),
        ...[["minmax", "min–max"], ["std", "standard deviation"], ["sem", "standard error"], ["ci", "95 % interval"], ["none", "none"]].map(([name, label]) => ({label: `Band: ${label}`, checked: now.band === name, radio: true, onSelect: () => view.set({band: name})}))] : [])]),
  ]}/>`;
}

function Undo({view}) {
  return html`<span class="pair"><${IconButton} icon="undo-2" label="Undo (Ctrl Z)" disabled=${!view.canUndo} onClick=${() => view.undo()}/>
    <${IconButton} icon="redo-2" label="Redo (Ctrl Shift Z)" disabled=${!view.canRedo} onClick=${() => view.redo()}/></span>`;
}
