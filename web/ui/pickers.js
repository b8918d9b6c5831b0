/** Choosing groups, order and columns. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import * as strings from "../strings.js";
import {AGGREGATE_WORDS, AGGREGATES, AT_BEST, atBestKey, columnOf, metricOf} from "../lib/columns.js";
import {configPaths} from "../lib/run-keys.js";
import {useChanges} from "../store/signal.js";
import {onShortcut} from "./shortcuts.js";
import {Icon, IconButton} from "./parts.js";
import {Popover} from "./overlay.js";

const GROUP_FIELDS = ["group", "state", "jobType"];
const SORT_FIELDS = ["createdAt", "name", "duration", "state", "group", "lastStep"];
const COLUMN_FIELDS = ["state", "tags", "group", "jobType", "createdAt", "duration", "lastStep", "notes", "id"];

/** Groups runs by one or more keys. */
export function GroupPicker({store, view}) {
  const {groupBy} = view.now;
  useEffect(() => onShortcut({g: () => document.querySelector(".group-picker button")?.click()}), []);
  const keys = [...GROUP_FIELDS, ...configPaths(store).map((path) => `config.${path}`)];
  const toggle = (key) => { const next = groupBy.includes(key) ? groupBy.filter((each) => each !== key) : [...groupBy, key]; view.set({groupBy: next, grouped: next.length > 0 && view.now.grouped}); };
  return html`<span class="group-picker"><${Popover} label=${strings.groups.title} icon="list-tree" className=${`button small ${groupBy.length ? "on" : ""}`} text=${groupBy.length ? strings.groups.chosen({count: groupBy.length}) : strings.fields.group}>
    <${KeyList} keys=${keys} chosen=${groupBy} toggle=${toggle} label=${strings.groups.by}/>
    ${groupBy.length > 0 && html`<label class="check-row"><input type="checkbox" checked=${view.now.grouped} onChange=${() => view.set({grouped: !view.now.grouped})}/>${strings.groups.lineEach}</label>
      <button type="button" class="button small" onClick=${() => view.set({groupBy: [], grouped: false})}>${strings.groups.none}</button>`}
  </${Popover}></span>`;
}

/** Orders runs by one or more keys. */
export function SortPicker({store, view}) {
  const terms = parseSort(view.now.sort);
  const set = (next) => view.set({sort: next.length ? formatSort(next) : "-createdAt"});
  const keys = [...SORT_FIELDS, ...configPaths(store).map((path) => `config.${path}`), ...store.metrics.map(({name}) => `summary.${name}.last`)];
  const toggle = (key) => set(terms.some((term) => term.key === key) ? terms.filter((term) => term.key !== key) : [...(view.now.sort === "-createdAt" ? [] : terms), {key, down: key.startsWith("summary.") || key === "createdAt"}]);
  return html`<${Popover} label=${strings.sort.title} icon="arrow-down" className=${`button small ${view.now.sort !== "-createdAt" ? "on" : ""}`} text=${strings.sort.sort}>
    ${terms.map((term, i) => html`<div class="row" key=${term.key}><span>${i + 1}. ${columnOf(term.key).label}</span><span class="spring"></span>
      <${IconButton} icon=${term.down ? "arrow-down" : "arrow-up"} label=${strings.sort.turn({column: columnOf(term.key).label, order: term.down ? strings.sort.descending : strings.sort.ascending})} onClick=${() => set(terms.map((each) => (each.key === term.key ? {...each, down: !each.down} : each)))}/>
      <${IconButton} icon="x" label=${strings.sort.remove({column: columnOf(term.key).label})} onClick=${() => set(terms.filter((each) => each.key !== term.key))}/></div>`)}
    <${KeyList} keys=${keys} chosen=${terms.map((term) => term.key)} toggle=${toggle} label=${strings.sort.by}/>
  </${Popover}>`;
}

/** `-a,b` as terms. */
export const parseSort = (sort) => sort.split(",").filter(Boolean).map((term) => ({key: term.replace(/^-/, ""), down: term.startsWith("-")}));
export const formatSort = (terms) => terms.map(({key, down}) => (down ? "-" : "") + key).join(",");

/** Chooses columns; a metric's column says how it is aggregated. With `wraps`, also whether long names have two lines. */
export function ColumnPicker({store, view, wraps = false}) {
  const {columns} = view.now;
  useChanges(store, "metrics");
  const keys = [...COLUMN_FIELDS, ...configPaths(store).map((path) => `config.${path}`), ...store.metrics.map(({name}) => `summary.${name}.last`)];
  const isMetric = (key) => columnOf(key).kind === "metric", others = (metric) => store.metrics.map(({name}) => name).filter((name) => name !== metric);
  const same = (a, b) => a === b || (isMetric(a) && isMetric(b) && metricOf(a).metric === metricOf(b).metric);
  const toggle = (key) => view.set({columns: columns.some((each) => same(each, key)) ? columns.filter((each) => !same(each, key)) : [...columns, key]});
  const replace = (key, by) => view.set({columns: columns.map((each) => (each === key ? by : each))});
  const aggregate = (key, how) => { const {metric} = metricOf(key); replace(key, how === AT_BEST ? atBestKey(metric, others(metric)[0]) : `summary.${metric}.${how}`); };
  return html`<${Popover} label=${strings.columns.choose} icon="columns-3" className=${`button small ${columns.length ? "on" : ""}`} text=${strings.columns.title}>
    ${columns.map((key) => html`<div class="row" key=${key}><span class="clip">${columnOf(key).label}</span><span class="spring"></span>
      ${isMetric(key) && html`<${AggregatePicker} column=${metricOf(key)} others=${others(metricOf(key).metric)} onAggregate=${(how) => aggregate(key, how)} onOther=${(other) => replace(key, atBestKey(metricOf(key).metric, other))}/>`}
      <${IconButton} icon="arrow-up" label=${strings.columns.toFront({column: columnOf(key).label})} onClick=${() => view.set({columns: [key, ...columns.filter((each) => each !== key)]})}/>
      <${IconButton} icon="x" label=${strings.columns.remove({column: columnOf(key).label})} onClick=${() => toggle(key)}/></div>`)}
    ${wraps && html`<label class="check-row"><input type="checkbox" checked=${view.now.wrap} onChange=${() => view.set({wrap: !view.now.wrap})}/>${strings.columns.wrap}</label>`}
    <${KeyList} keys=${keys} chosen=${columns} same=${same} toggle=${toggle} label=${strings.columns.title}/>
  </${Popover}>`;
}

/** How a metric is told: its last, least … value, or what it was where another metric was best. */
function AggregatePicker({column: {metric, aggregate, other}, others, onAggregate, onOther}) {
  const ways = [...AGGREGATES.map((how) => [how, AGGREGATE_WORDS[how]]), ...(others.length ? [[AT_BEST, strings.columns.atBestOf]] : [])];
  return html`<select class="select narrow" aria-label=${strings.columns.aggregation({metric})} onChange=${(event) => onAggregate(event.target.value)}>
      ${ways.map(([how, words]) => html`<option key=${how} value=${how} selected=${aggregate === how}>${words}</option>`)}</select>
    ${aggregate === AT_BEST && html`<select class="select narrow" aria-label=${strings.columns.bestOf({metric})} onChange=${(event) => onOther(event.target.value)}>
      ${others.map((name) => html`<option key=${name} value=${name} selected=${other === name}>${name}</option>`)}</select>`}`;
}

/** Colours the shown runs by a key, or spreads them. */
export function ColorByPicker({store, view}) {
  const {colorBy} = view.now;
  const keys = ["group", "state", ...configPaths(store).map((path) => `config.${path}`), ...store.metrics.map(({name}) => `summary.${name}.last`)];
  const choice = (value, label, hint) => html`<label class="check-row" title=${hint}><input type="radio" name="color-by" checked=${colorBy === value} onChange=${() => view.set({colorBy: value})}/>${label}</label>`;
  return html`<${Popover} label=${strings.colors.title} icon="palette" className=${`button small ${colorBy ? "on" : ""}`}>
    ${choice("", strings.colors.each, strings.colors.eachHint)}${choice("spread", strings.colors.distinct, strings.colors.distinctHint)}
    <${KeyList} keys=${keys} chosen=${colorBy ? [colorBy] : []} toggle=${(key) => view.set({colorBy: key === colorBy ? "" : key})} label=${strings.colors.by}/></${Popover}>`;
}

function KeyList({keys, chosen, toggle, label, same = (a, b) => a === b}) {
  const [text, setText] = useState("");
  const found = keys.filter((key) => columnOf(key).label.toLowerCase().includes(text.toLowerCase())).slice(0, 100);
  return html`<input class="input" type="search" placeholder=${strings.common.findKey} aria-label=${strings.common.findKeyOf({label})} value=${text} onInput=${(event) => setText(event.target.value)}/>
    <ul class="plain-list check-list" aria-label=${label}>${found.map((key) => html`<li key=${key}><label class="check-row"><input type="checkbox" checked=${chosen.some((each) => same(each, key))} onChange=${() => toggle(key)}/>
      <span class="clip">${columnOf(key).label.replace(/ last$/, "")}</span><span class="muted small">${columnOf(key).kind === "field" ? "" : columnOf(key).kind}</span></label></li>`)}</ul>`;
}
