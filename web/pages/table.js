/** All runs, all columns: filter, group, sort, and what is done to many at once. @module */
import "../elements/run-table.js";
import {html, useEffect, useLayoutEffect, useMemo, useRef, useState} from "../vendor/preact.js";
import {address, go} from "../router.js";
import {ready} from "../idle.js";
import {useChanges} from "../store/signal.js";
import {columnOf, DEFAULT_COLUMNS, metricOf} from "../lib/columns.js";
import {useGroups} from "../ui/use-groups.js";
import {useBestSteps} from "../ui/use-best-steps.js";
import {fileName} from "../lib/names.js";
import {toCSV} from "../lib/csv.js";
import {download} from "../elements/chart-menu.js";
import {onShortcut} from "../ui/shortcuts.js";
import {FilterBox} from "../ui/filter-box.js";
import {ColumnPicker, GroupPicker, SortPicker, formatSort, parseSort} from "../ui/pickers.js";
import {SavedViews} from "../ui/saved-views.js";
import {Empty, Icon} from "../ui/parts.js";
import {Menu, toast, toastError} from "../ui/overlay.js";
import {NoMatch} from "../ui/no-match.js";
import {AllPutAway, ListingMenu, usePutAway} from "../ui/put-away.js";
import {Snippets} from "../ui/snippets.js";
import {DemoButton} from "../ui/demo.js";
import {formatStep} from "../charts/format.js";
import * as strings from "../strings.js";

const METRICS_SHOWN = 3;

export default function Table({store, view, project}) {
  useChanges(store, "runs", "metrics", "status");
  useChanges(view);
  const now = view.now;
  const table = useRef(null), anchor = useRef(0);
  const [selected, setSelected] = useState(new Set());
  const grouped = now.groupBy.length > 0;
  useEffect(() => { document.title = strings.runs.pageTitle({project}); }, [project]);
  useEffect(() => { if (store.status === "ready") ready(); }, [store.status]);
  const keys = now.columns.length ? now.columns : [...DEFAULT_COLUMNS, ...store.metrics.filter(({name}) => !name.startsWith("system/")).slice(0, METRICS_SHOWN).map(({name}) => `summary.${name}.last`)];
  const columns = useMemo(() => keys.map(columnOf), [keys.join("\n")]);
  const runs = store.order.map((id) => store.runs.get(id)).filter(Boolean);
  const groups = useGroups(store, now, keys);
  const steps = useBestSteps(store);
  const items = grouped ? steps.withGroups(groups.items) : store.order.map((id) => ({kind: "run", id}));
  const needed = useRef(null);
  needed.current = (first, last) => steps.need(keys, items.slice(first, last), groups);
  const best = bestOf(columns, runs, store);
  // In the turn of the rendering: a later one would take back what was chosen meanwhile.
  useLayoutEffect(() => {
    if (!table.current) return;
    table.current.model = {items, runs: store.runs, columns, selected, sort: parseSort(now.sort), total: grouped ? 0 : store.matched, best};
  });
  // Before the first drawing, which asks for rows.
  useLayoutEffect(() => {
    const element = table.current;
    if (!element) return undefined;
    const listeners = new AbortController(), {signal} = listeners;
    element.addEventListener("need-rows", ({detail: {first, count}}) => { if (view.now.groupBy.length) groups.need(first, count); else if (count > store.order.length) store.loadTo(count); needed.current(first, count); }, {signal});
    element.addEventListener("run-open", ({detail}) => go(address(["p", project, "r", detail.id])), {signal});
    element.addEventListener("group-toggle", ({detail: {key}}) => groups.toggle(key), {signal});
    element.addEventListener("sort-by", ({detail: {key, add}}) => { const {unsorted} = columnOf(key); if (unsorted) toast(unsorted); else view.set({sort: nextSort(view.now.sort, key, add)}); }, {signal});
    return () => listeners.abort();
  }, [store, view, store.status, groups]);
  useEffect(() => {
    const element = table.current;
    if (!element) return undefined;
    const take = (many, on) => setSelected((before) => { const next = new Set(before); for (const id of many) if (on) next.add(id); else next.delete(id); return next; });
    const select = ({detail: {ids, group, index, range, selected: on}}) => {
      const [a, b] = range ? [Math.min(anchor.current, index), Math.max(anchor.current, index)] : [index, index];
      anchor.current = index;
      if (!range && group === undefined) { take(ids, on); return; }
      const lists = range ? items.slice(a, b + 1).map((item) => (item.kind === "group" ? groups.members(item.key) : item.kind === "run" ? [item.id] : [])) : [groups.members(group)];
      Promise.all(lists).then((many) => take(many.flat(), on), toastError);
    };
    element.addEventListener("run-select", select);
    return () => element.removeEventListener("run-select", select);
  });
  const chosen = [...selected].filter((id) => store.runs.has(id));
  useEffect(() => onShortcut({c: () => { if (chosen.length) go(compareAddress(project, chosen)); }}), [chosen.join()]);
  /** All runs that match, or only those that are selected. */
  const exportCSV = async (only = null) => {
    if (only) await store.loadWhole(only); else await store.loadAll();
    await steps.load(only ?? store.order, keys);
    const rows = (only ?? store.order).map((id) => store.runs.get(id)).map((run) => [run.name, run.id, ...columns.map((column) => column.plain(run))]);
    download(`${fileName([project, "runs"])}.csv`, new Blob([toCSV([["name", "id", ...columns.map((column) => column.label)], ...rows])], {type: "text/csv"}));
  };
  const {archived, deleted} = store.putAway;
  if (store.status === "ready" && store.total === 0 && !now.filter && archived + deleted > 0) return html`<main id="main" class="page narrow"><h1>${project}</h1><div class="card"><${Empty} icon="archive" title=${strings.runs.allPutAway}><div class="row"><${AllPutAway} store=${store} view=${view}/></div></${Empty}></div></main>`;
  if (store.status === "ready" && store.total === 0 && !now.filter) return html`<main id="main" class="page narrow"><h1>${project}</h1><div class="card"><${Empty} icon="loader-circle" title=${strings.runs.waiting}/><${Snippets} project=${project}/><${DemoButton}/></div></main>`;
  return html`<main id="main" class="table-page fills">
    <h1 class="visually-hidden">${strings.runs.of({project})}</h1>
    <div class="table-tools" role="region" aria-label=${strings.runs.tools}><${FilterBox} store=${store} view=${view} wide/>
      <${GroupPicker} store=${store} view=${view}/><${SortPicker} store=${store} view=${view}/><${ColumnPicker} store=${store} view=${view}/><${ListingMenu} view=${view}/>
      <span class="muted">${strings.runs.counted({count: formatStep(store.matched), of: store.matched !== store.total ? strings.runs.ofTotal({total: formatStep(store.total)}) : "", total: store.total})}</span><span class="spring"></span>
      ${store.arrived.size > 0 && html`<button type="button" class="button small" onClick=${() => store.reload()}><${Icon} name="arrow-up"/>${strings.runs.arrivedShort({count: store.arrived.size})}</button>`}
      <button type="button" class="button small" onClick=${() => exportCSV()}><${Icon} name="download"/>${strings.common.csv}</button>
      <${SavedViews} store=${store} view=${view}/></div>
    ${chosen.length > 0 && html`<${Bulk} store=${store} project=${project} ids=${chosen} onExport=${() => exportCSV(chosen)} clear=${() => setSelected(new Set())}/>`}
    <run-table ref=${table}></run-table>
    ${store.matched === 0 && store.status === "ready" && html`<${Empty} icon="funnel" title=${strings.runs.noneMatches}><${NoMatch} store=${store} view=${view}/></${Empty}>`}
  </main>`;
}

const compareAddress = (project, ids) => address(["p", project, "compare"], `?runs=${ids.map(encodeURIComponent).join(",")}`);

/** One click sorts, the next turns it round, the third takes it away; Shift keeps the others. */
export function nextSort(sort, key, add) {
  const terms = sort === "-createdAt" && key !== "createdAt" && !add ? [] : parseSort(sort);
  const held = terms.find((term) => term.key === key);
  const turned = held ? {key, down: !held.down} : {key, down: key.startsWith("summary.") || key === "createdAt" || key === "duration"};
  if (!add) return formatSort([turned]);
  return formatSort(held ? terms.map((term) => (term.key === key ? turned : term)) : [...(sort === "-createdAt" ? [] : terms), turned]);
}

/** The best value of each metric column, by the metric's goal, among the loaded runs. */
function bestOf(columns, runs, store) {
  const best = new Map();
  if (runs.length < 2) return best;
  for (const column of columns) {
    if (column.kind !== "metric") continue;
    const goal = store.metrics.find((metric) => metric.name === metricOf(column.key).metric)?.goal;
    if (!goal) continue;
    const values = runs.map((run) => column.value(run)).filter((value) => typeof value === "number" && Number.isFinite(value));
    if (values.length > 1) best.set(column.key, goal === "maximize" ? Math.max(...values) : Math.min(...values));
  }
  return best;
}

function Bulk({store, project, ids, onExport, clear}) {
  const {items, dialog} = usePutAway(store, ids, clear);
  const [tagging, setTagging] = useState(false);
  const names = ids.length === 1 ? store.runs.get(ids[0]).name : strings.runs.some({count: ids.length});
  const addTag = async (event) => {
    event.preventDefault();
    const tag = new FormData(event.target).get("tag").trim();
    if (!tag) return;
    setTagging(false);
    const before = new Map(ids.map((id) => [id, store.runs.get(id).tags]));
    const failed = await each(ids, (id) => (before.get(id).includes(tag) ? null : store.update(id, {tags: [...before.get(id), tag]})));
    toast(failed ? strings.runs.tagFailed({failed, all: ids.length}) : strings.runs.tagged({names, tag}), {kind: failed ? "error" : "info", undo: () => each(ids, (id) => store.update(id, {tags: before.get(id)}))});
  };
  const move = async (group) => {
    const before = new Map(ids.map((id) => [id, store.runs.get(id).group ?? ""]));
    await each(ids, (id) => store.update(id, {group}));
    toast(strings.runs.movedToGroup({names, group}), {undo: () => each(ids, (id) => store.update(id, {group: before.get(id)}))});
  };
  const groups = [...new Set([...store.runs.values()].map((run) => run.group).filter(Boolean))].slice(0, 12);
  return html`<div class="bulk" role="region" aria-label=${strings.runs.selectedRuns}><b>${strings.runs.selected({count: formatStep(ids.length)})}</b>
    <a class="button small" href=${compareAddress(project, ids)}><${Icon} name="git-compare-arrows"/>${strings.common.compare}</a>
    ${tagging ? html`<form class="row" onSubmit=${addTag}><input class="input" name="tag" placeholder=${strings.runs.tag} aria-label=${strings.runs.tag} autofocus/><button type="submit" class="button small">${strings.common.add}</button></form>` : html`<button type="button" class="button small" onClick=${() => setTagging(true)}><${Icon} name="tag"/>${strings.runs.tag}</button>`}
    <${Menu} label=${strings.runs.moveToGroup} icon="folder" className="button small" text=${strings.fields.group} items=${[...groups.map((group) => ({label: group, onSelect: () => move(group)})), {label: strings.groups.noGroup, onSelect: () => move("")}]}/>
    <button type="button" class="button small" onClick=${onExport}><${Icon} name="download"/>${strings.runs.export}</button>
    ${items.map(({label, icon, danger, onSelect}) => html`<button type="button" key=${label} class=${`button small ${danger ? "danger" : ""}`} onClick=${onSelect}><${Icon} name=${icon}/>${label}</button>`)}
    <button type="button" class="button small" onClick=${clear}>${strings.runs.clearSelection}</button>
    ${dialog}</div>`;
}

/** Does something for each id, four at a time. @returns {Promise<number>} how many failed */
async function each(ids, act) {
  let failed = 0;
  const queue = [...ids];
  await Promise.all(Array.from({length: 4}, async () => { while (queue.length) { try { await act(queue.shift()); } catch { failed++; } } }));
  return failed;
}
