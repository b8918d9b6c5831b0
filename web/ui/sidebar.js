/** The runs beside the charts: filter, what is shown, the list. @module */
import "../elements/run-list.js";
import {html, useEffect, useLayoutEffect, useMemo, useRef, useState} from "../vendor/preact.js";
import {address, go} from "../router.js";
import {useChanges} from "../store/signal.js";
import {NEWEST, shownRuns} from "../store/shown.js";
import {useGroups} from "./use-groups.js";
import {useBestSteps} from "./use-best-steps.js";
import {useGroupToggle} from "./use-group-toggle.js";
import {columnOf} from "../lib/columns.js";
import {preference, prefer} from "../preferences.js";
import {onShortcut} from "./shortcuts.js";
import {FilterBox} from "./filter-box.js";
import {ColorByPicker, ColumnPicker, GroupPicker, SortPicker} from "./pickers.js";
import {IconButton, Icon} from "./parts.js";
import {Menu} from "./overlay.js";
import {NoMatch} from "./no-match.js";
import {listingItems, usePutAway} from "./put-away.js";
import {formatStep, formatValue} from "../charts/format.js";
import * as strings from "../strings.js";
import {lazy} from "./lazy.js";

const ColorPicker = lazy(() => import("./color-picker.js"), "ColorPicker");

export function Sidebar({store, view, shown, colors, onClose}) {
  useChanges(store, "runs");
  const now = view.now;
  const list = useRef(null);
  const [selected, setSelected] = useState([]);
  const [coloring, setColoring] = useState(null);
  const {items: putAway, dialog} = usePutAway(store, selected, () => setSelected([]));
  const grouped = now.groupBy.length > 0;
  const shownSet = useMemo(() => new Set(shown), [shown.join()]);
  const keys = now.columns.slice(0, 2), groups = useGroups(store, now, keys), steps = useBestSteps(store);
  const items = grouped ? steps.withGroups(groups.items) : runItems(store, now);
  const columns = keys.map((key) => columnOf(key)), needed = useRef(null);
  const show = (ids, on) => toggleRuns(view, store, ids, on), [coming, toggleGroup] = useGroupToggle(store, view, groups, show);
  needed.current = (first, last) => steps.need(keys, items.slice(first, last), groups);
  // In the turn of the rendering: a later one would take back what was chosen meanwhile.
  useLayoutEffect(() => {
    list.current.model = {items, runs: store.runs, shown: shownSet, selected: new Set(selected), coming, columns, colors, total: grouped ? 0 : store.matched, wrap: now.wrap};
  });
  // Before the first drawing, which asks for rows.
  useLayoutEffect(() => {
    const element = list.current, listeners = new AbortController(), {signal} = listeners;
    element.addEventListener("run-toggle", ({detail: {ids, group, shown: on}}) => { if (group === undefined) show(ids, on); else toggleGroup(group, on); }, {signal});
    element.addEventListener("run-open", ({detail}) => go(address(["p", store.name, "r", detail.id])), {signal});
    element.addEventListener("need-rows", ({detail: {first, count}}) => { if (view.now.groupBy.length) groups.need(first, count); else if (count > store.order.length) store.loadTo(count); needed.current(first, count); }, {signal});
    element.addEventListener("group-toggle", ({detail: {key}}) => groups.toggle(key), {signal});
    element.addEventListener("run-select", ({detail: {id, add}}) => setSelected((before) => (before.includes(id) ? before.filter((each) => each !== id) : add || before.length ? [...before, id] : [id])), {signal});
    element.addEventListener("run-color", ({detail}) => setColoring(detail.id), {signal});
    return () => listeners.abort();
  }, [store, view, groups]);
  const compare = () => { const runs = selected.length ? selected : shown.slice(0, 20); if (runs.length) go(address(["p", store.name, "compare"], `?runs=${runs.map(encodeURIComponent).join(",")}`)); };
  useEffect(() => onShortcut({
    j: () => list.current.move(1), k: () => list.current.move(-1),
    " ": () => { const id = list.current.focusedRun; if (!id || document.activeElement?.matches("button,a,input,summary,figure")) return false; toggleRuns(view, store, [id], !shownSet.has(id)); },
    Enter: () => { const id = list.current.focusedRun; if (!id || document.activeElement !== document.body) return false; go(address(["p", store.name, "r", id])); },
    c: compare,
  }), [selected, shownSet]);
  return html`<aside class="sidebar" aria-label=${strings.common.runs} ref=${useResize()}>
    <div class="sidebar-head">
      <div class="row"><${FilterBox} store=${store} view=${view}/><${IconButton} icon="panel-left" label=${strings.runs.hideSidebar} onClick=${onClose}/></div>
      <div class="row tools"><${GroupPicker} store=${store} view=${view}/><${SortPicker} store=${store} view=${view}/><${ColumnPicker} store=${store} view=${view} wraps/><${ColorByPicker} store=${store} view=${view}/></div>
      ${colors && html`<${ColorKey} colors=${colors}/>`}
      <${ShownLine} store=${store} view=${view} shown=${shown}/>
      ${store.arrived.size > 0 && html`<button type="button" class="arrived" onClick=${() => store.reload()}><${Icon} name="arrow-up"/>${strings.runs.arrived({count: store.arrived.size})}</button>`}
      ${selected.length > 0 && html`<div class="row selection"><span>${strings.runs.selected({count: selected.length})}</span><span class="spring"></span>
        <button type="button" class="button small" onClick=${compare}><${Icon} name="git-compare-arrows"/>${strings.common.compare}</button>
        ${selected.length === 1 && html`<button type="button" class="button small" title=${strings.baseline.hint} onClick=${() => { view.set({baseline: selected[0], against: "difference"}); setSelected([]); }}>${strings.baseline.title}</button>`}
        <${Menu} label=${strings.runs.putAway} icon="ellipsis" className="button small" items=${putAway}/>
        <button type="button" class="button small" onClick=${() => setSelected([])}>${strings.runs.clear}</button>${dialog}</div>`}
    </div>
    <run-list ref=${list}></run-list>
    ${store.matched === 0 && store.status === "ready" && html`<div class="no-match"><${NoMatch} store=${store} view=${view}/></div>`}
    ${coloring && html`<${ColorPicker} store=${store} id=${coloring} onClose=${() => setColoring(null)}/>`}
  </aside>`;
}

/** What the colours mean: a scale for numbers, else the values. */
function ColorKey({colors: {legend, scale}}) {
  if (scale) {
    return html`<div class="color-scale" role="note" aria-label=${strings.colors.legend({label: scale.label, low: formatValue(scale.low), high: formatValue(scale.high)})}><span>${formatValue(scale.low)}</span>
      <span class="shades" aria-hidden="true" style=${{background: `linear-gradient(to right, ${legend.map(({color}) => color).join(", ")})`}}></span><span>${formatValue(scale.high)}</span><span class="muted clip">${scale.label}</span></div>`;
  }
  return html`<div class="color-scale" role="note" aria-label=${strings.colors.legendTitle}>${legend.slice(0, 8).map(({label, color}) => html`<span key=${label} class="clip"><span class="shade" aria-hidden="true" style=${{background: color}}></span>${label}</span>`)}
    ${legend.length > 8 && html`<span class="muted">+${legend.length - 8}</span>`}</div>`;
}

function runItems(store, now) {
  const listed = store.order.map((id) => ({kind: "run", id}));
  const known = new Set(store.order);
  const outside = store.complete ? now.on.filter((id) => !known.has(id) && store.runs.has(id)).map((id) => ({kind: "run", id})) : [];
  return [...listed, ...outside];
}

/** Shows or hides runs: exceptions to what is shown by default. */
export function toggleRuns(view, store, ids, shown) {
  const {on, off} = view.now;
  const gone = new Set(ids);
  const rest = (list) => list.filter((id) => !gone.has(id));
  const base = new Set(shownByDefault(store, view.now));
  view.set(shown ? {on: [...rest(on), ...ids.filter((id) => !base.has(id))], off: rest(off)} : {on: rest(on), off: [...rest(off), ...ids.filter((id) => base.has(id))]});
}

function shownByDefault(store, now) {
  if (now.show === "auto") return store.matched <= NEWEST ? store.order : store.newest;
  if (now.show === "latest") return store.newest.slice(0, 1);
  if (now.show === "running") return store.order.filter((id) => store.runs.get(id)?.state === "running");
  return now.show === "all" ? store.order : [];
}

function ShownLine({store, view, shown}) {
  const now = view.now;
  const choose = (show) => view.set({show, on: [], off: []});
  const newest = now.show === "auto" && store.matched > NEWEST && !now.on.length && !now.off.length;
  const words = newest ? strings.runs.newestShown({newest: NEWEST, matched: formatStep(store.matched)}) : strings.runs.shownOf({shown: formatStep(shown.length), matched: formatStep(store.matched)});
  const only = (show, icon, label) => html`<button type="button" class=${`icon-button ${now.show === show ? "on" : ""}`} aria-pressed=${now.show === show ? "true" : "false"} aria-label=${label} title=${label}
    onClick=${() => choose(now.show === show ? "auto" : show)}><${Icon} name=${icon}/></button>`;
  const option = (show, label) => ({label, checked: now.show === show && !now.on.length && !now.off.length, radio: true, onSelect: () => choose(show)});
  return html`<div class="row shown-line"><span role="note">${words}${store.matched !== store.total ? html` <span class="muted">${strings.runs.inAll({total: formatStep(store.total)})}</span>` : ""}</span><span class="spring"></span>
    ${store.listing && html`<span class="muted small">${strings.runs.listing}</span>`}
    ${newest && store.matched <= 1000 && html`<button type="button" class="link-button" onClick=${() => choose("all")}>${strings.runs.showAll}</button>`}
    ${only("latest", "clock", strings.runs.latestOnlyHint)}${only("running", "circle-play", strings.runs.runningOnlyHint)}
    <${Menu} label=${strings.runs.whichShown} icon="eye" className="icon-button" items=${[option("auto", strings.runs.allOrNewest({newest: NEWEST})), option("all", strings.runs.all), option("latest", strings.runs.latestOnly), option("running", strings.runs.runningOnly), option("none", strings.runs.noRuns), null, ...listingItems(view)]}/></div>`;
}

/** The sidebar's width can be dragged; it is remembered. */
function useResize() {
  const element = useRef(null);
  useEffect(() => {
    const root = element.current;
    root.style.setProperty("--sidebar", `${preference("sidebar")}px`);
    const grip = document.createElement("div");
    grip.className = "grip";
    grip.setAttribute("aria-hidden", "true");
    root.append(grip);
    const move = (event) => root.style.setProperty("--sidebar", `${Math.max(220, Math.min(480, event.clientX - root.getBoundingClientRect().left))}px`);
    grip.addEventListener("pointerdown", (event) => {
      grip.setPointerCapture(event.pointerId);
      grip.addEventListener("pointermove", move);
      grip.addEventListener("pointerup", () => { grip.removeEventListener("pointermove", move); prefer("sidebar", parseInt(root.style.getPropertyValue("--sidebar"), 10)); }, {once: true});
    });
    return () => grip.remove();
  }, []);
  return element;
}
