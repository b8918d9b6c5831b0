/** Runs beside each other: what differs, in config and result, and their charts. @module */
import {html, useEffect, useMemo, useState} from "../vendor/preact.js";
import {address, go} from "../router.js";
import {ready} from "../idle.js";
import {useChanges} from "../store/signal.js";
import {compareValues, flatten, wordDiff} from "../lib/tree.js";
import {numberOf, textOf} from "../lib/columns.js";
import {comparableOrigin, packagesOf} from "../lib/environment.js";
import {compareNatural} from "../lib/natural.js";
import {toCSV, toLaTeX, toMarkdown} from "../lib/csv.js";
import {copyText, Empty, Icon, IconButton, RunSwatch} from "../ui/parts.js";
import {Menu, Popover, toast} from "../ui/overlay.js";
import {ChartToolbar} from "../ui/chart-toolbar.js";
import {lazy} from "../ui/lazy.js";
import {get, query} from "../api.js";
import {formatValue} from "../charts/format.js";
import * as strings from "../strings.js";
import {Sections, useChartKeys} from "./workspace.js";

const LONG = 40;
/** Of more runs than this, only the first ones are read whole. */
const MOST_ORIGINS = 50;
const FullChart = lazy(() => import("../ui/full-chart.js"), "FullChart");
const RunPlots = lazy(() => import("../ui/run-plots.js"), "RunPlots");

export default function Compare({store, view, project}) {
  useChanges(store, "runs", "metrics", "status");
  useChanges(view);
  useChartKeys(view);
  const now = view.now;
  useEffect(() => { document.title = strings.compare.pageTitle({project}); }, [project]);
  // Without runs in the address: those that the workspace shows first.
  const chosen = now.runs;
  useEffect(() => { store.ensure(chosen); }, [chosen.join()]);
  const runs = chosen.map((id) => store.runs.get(id)).filter((run) => run?.config !== undefined || run?.summary !== undefined);
  const known = chosen.every((id) => store.runs.get(id)?.config !== undefined);
  useEffect(() => { if (chosen.length === 0 || known) ready(); }, [known, chosen.length]);
  useEffect(() => { for (const id of chosen) if (store.runs.has(id) && store.runs.get(id).config === undefined) store.loadRun(id).catch(() => {}); }, [chosen.join(), store.runs.size]);
  const shown = useMemo(() => runs.map((run) => run.id), [runs.map((run) => run.id).join()]);
  const section = now.part || "differences";
  const sections = [["differences", strings.compare.differences], ["charts", strings.common.charts], ["plots", strings.compare.plots]];
  return html`<main id="main" class="compare-page fills" data-scroller>
    <div class="page-head"><h1>${strings.compare.heading({count: runs.length})}</h1><span class="spring"></span><${AddRuns} store=${store} view=${view} project=${project}/></div>
    <div class="chip-runs">${runs.map((run) => html`<span class="tag-chip" key=${run.id}><${RunSwatch} run=${run}/><a href=${address(["p", project, "r", run.id])}>${run.name}</a>
      ${runs.length > 1 && html`<button type="button" class="link-button small" aria-pressed=${baselineOf(now, runs) === run.id ? "true" : "false"} title=${strings.compare.baselineHint} onClick=${() => view.set({baseline: run.id})}>${baselineOf(now, runs) === run.id ? strings.compare.baseline : strings.compare.setBaseline}</button>`}
      <${IconButton} icon="x" size=${12} label=${strings.compare.takeOut({name: run.name})} onClick=${() => view.set({runs: now.runs.filter((id) => id !== run.id)})}/></span>`)}</div>
    ${chosen.length === 0 ? html`<${Empty} icon="git-compare-arrows" title=${strings.compare.choose}><p class="muted">${strings.compare.chooseHint}</p>
      <button type="button" class="button primary" disabled=${store.order.length === 0} onClick=${() => view.set({runs: store.order.slice(0, 5)})}>${strings.compare.newestFive}</button></${Empty}>` : html`
    <div class="tabs" role="group" aria-label=${strings.compare.what}>${sections.map(([key, label]) => html`<button type="button" key=${key} class="tab" aria-pressed=${key === section ? "true" : "false"} onClick=${() => view.set({part: key === "differences" ? "" : key})}>${label}</button>`)}</div>
    ${section === "differences" && html`<${Differences} view=${view} runs=${runs} store=${store}/>`}
    ${section === "charts" && html`<${ChartToolbar} store=${store} view=${view} runPage=${true}/><${Sections} store=${store} view=${view} shown=${shown} metrics=${metricsOf(runs, store)}/>
      ${now.full && html`<${FullChart} store=${store} view=${view} shown=${shown}/>`}`}
    ${section === "plots" && html`<${RunPlots} store=${store} view=${view} runs=${runs}/>`}`}
  </main>`;
}

const baselineOf = (now, runs) => (runs.some((run) => run.id === now.baseline) ? now.baseline : runs[0]?.id);
const metricsOf = (runs, store) => store.metrics.filter(({name}) => runs.some((run) => run.summary?.[name]));

/** Config and results, keys in rows, runs in columns. */
function Differences({view, runs, store}) {
  const now = view.now;
  // Lists leave out where a run came from; its own record tells.
  useEffect(() => { for (const run of runs.slice(0, MOST_ORIGINS)) if (!run.attempts) store.loadRun(run.id).catch(() => {}); }, [runs.map((run) => run.id).join()]);
  const base = Math.max(0, runs.findIndex((run) => run.id === baselineOf(now, runs)));
  const config = compareValues(runs.map((run) => run.config), {ignore: now.ignore});
  const results = compareValues(runs.map(resultsOf), {ignore: now.ignore});
  const only = now.differences && runs.length > 1;
  const kept = (rows) => rows.filter((row) => !only || row.differs);
  const others = [[strings.compare.codeAndMachine, comparableOrigin], [strings.compare.packages, packagesOf]].map(([title, part]) => [title, compareValues(runs.map((run) => part(run.environment)), {ignore: now.ignore})]).filter(([, rows]) => rows.length > 0);
  const groups = [[strings.fields.config, config], [strings.compare.results, results], ...others];
  const asRows = () => [[strings.compare.keyWord, ...runs.map((run) => run.name)], ...groups.flatMap(([, rows]) => kept(rows).map((row) => [row.path, ...row.cells.map((cell) => (cell === undefined ? "" : typeof cell === "object" ? JSON.stringify(cell) : String(cell)))]))];
  const copy = async (form, text) => { await copyText(text); toast(strings.common.copiedAs({form})); };
  return html`<div class="toolbar"><label class="check-row"><input type="checkbox" checked=${now.differences} onChange=${(event) => view.set({differences: event.target.checked})}/>${strings.compare.onlyDifferences}</label>
      <label class="check-row"><input type="checkbox" checked=${now.swapped} onChange=${(event) => view.set({swapped: event.target.checked})}/>${strings.compare.runsInRows}</label>
      <${Ignored} view=${view}/><span class="spring"></span>
      <${Menu} label=${strings.common.copy} icon="copy" className="button small" text=${strings.common.copy} items=${[{label: strings.compare.asMarkdown, onSelect: () => copy("Markdown", toMarkdown(asRows()))}, {label: strings.compare.asLaTeX, onSelect: () => copy("LaTeX", toLaTeX(asRows()))}, {label: strings.compare.asCSV, onSelect: () => copy("CSV", toCSV(asRows()))}]}/></div>
    ${groups.map(([title, rows]) => html`<section key=${title} class="differences"><h2>${title} <span class="count">${strings.common.someOf({some: kept(rows).length, all: rows.length})}</span></h2>
      ${kept(rows).length ? html`<div class="table-box compare-table" tabindex="0" role="region" aria-label=${title}><${now.swapped ? RunRows : KeyRows} rows=${kept(rows)} runs=${runs} base=${base}/></div>`
      : html`<p class="muted">${rows.length ? strings.compare.allSame({count: rows.length}) : strings.compare.none}</p>`}</section>`)}`;
}

function KeyRows({rows, runs, base}) {
  return html`<table class="table"><thead><tr><th scope="col">${strings.common.key}</th>${runs.map((run) => html`<th scope="col" key=${run.id} class="clip" title=${run.name}><${RunSwatch} run=${run}/> ${run.name}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr key=${row.path} data-path=${row.path}><th scope="row">${row.path}</th>${row.cells.map((cell, i) => html`<td key=${i}><${Cell} cell=${cell} base=${row.cells[base]} isBase=${i === base}/></td>`)}</tr>`)}</tbody></table>`;
}

function RunRows({rows, runs, base}) {
  return html`<table class="table"><thead><tr><th scope="col">${strings.common.run}</th>${rows.map(({path}) => html`<th scope="col" key=${path}>${path}</th>`)}</tr></thead>
    <tbody>${runs.map((run, i) => html`<tr key=${run.id} data-run=${run.id}><th scope="row" title=${run.name}><${RunSwatch} run=${run}/> ${run.name}</th>${rows.map((row) => html`<td key=${row.path}><${Cell} cell=${row.cells[i]} base=${row.cells[base]} isBase=${i === base}/></td>`)}</tr>`)}</tbody></table>`;
}

const resultsOf = (run) => Object.fromEntries([...Object.entries(run.summary ?? {}).map(([name, summary]) => [name, numberOf(summary.last)]), ...flatten(run.summaryValues ?? {})]);

/** A change in per cent; of more than tenfold the times say more. */
function shareOf(change, base) {
  const percent = (100 * change) / Math.abs(base);
  return Math.abs(percent) < 1000 ? `${change > 0 ? "+" : ""}${formatValue(percent, 3)} %` : `× ${formatValue((base + change) / base, 3)}`;
}

function Cell({cell, base, isBase}) {
  if (cell === undefined) return html`<span class="muted">—</span>`;
  if (!isBase && typeof cell === "number" && typeof base === "number" && cell !== base && Number.isFinite(cell - base)) {
    const change = cell - base;
    return html`<span title=${String(cell)}>${formatValue(cell)}</span><span class="change">${change > 0 ? "+" : ""}${formatValue(change, 3)}${base ? ` (${shareOf(change, base)})` : ""}</span>`;
  }
  if (!isBase && typeof cell === "string" && typeof base === "string" && cell !== base && cell.length + base.length > LONG && /\s/.test(cell)) {
    return html`${wordDiff(base, cell).map((part, i) => html`<span key=${i} class=${part.kind === "same" ? "" : `word-${part.kind}`}>${part.text}</span>`)}`;
  }
  return html`<span title=${typeof cell === "object" ? JSON.stringify(cell) : String(cell)}>${textOf(cell)}</span>`;
}

/** Keys that are left out, as patterns. */
function Ignored({view}) {
  const {ignore} = view.now;
  const add = (event) => { event.preventDefault(); const pattern = new FormData(event.target).get("pattern").trim(); event.target.reset(); if (pattern) view.set({ignore: [...ignore, pattern]}); };
  return html`<${Popover} label=${strings.compare.ignoredKeys} icon="eye-off" className=${`button small ${ignore.length ? "on" : ""}`} text=${ignore.length ? strings.compare.ignoring({count: ignore.length}) : strings.compare.ignoreKeys}>
    <form class="row" onSubmit=${add}><input class="input" name="pattern" placeholder=${strings.compare.ignoredExample} aria-label=${strings.compare.ignoredPattern}/><button type="submit" class="button small">${strings.common.add}</button></form>
    <ul class="plain-list">${ignore.map((pattern) => html`<li key=${pattern} class="row"><code>${pattern}</code><span class="spring"></span><${IconButton} icon="x" label=${strings.compare.stopIgnoring({pattern})} onClick=${() => view.set({ignore: ignore.filter((each) => each !== pattern)})}/></li>`)}</ul></${Popover}>`;
}

function AddRuns({store, view, project}) {
  const [text, setText] = useState("");
  const [found, setFound] = useState([]);
  useEffect(() => {
    const timer = setTimeout(() => {
      get(`${store.path}/runs${query({filter: text.trim() ? `name like ${JSON.stringify(`%${text.trim()}%`)}` : "", limit: 30})}`, {retry: false}).then(({runs}) => setFound(runs), () => setFound([]));
    }, 150);
    return () => clearTimeout(timer);
  }, [text]);
  const toggle = (id) => view.set({runs: view.now.runs.includes(id) ? view.now.runs.filter((each) => each !== id) : [...view.now.runs, id]});
  return html`<${Popover} label=${strings.compare.addRuns} icon="plus" className="button" text=${strings.compare.addRuns}>
    <input class="input" type="search" placeholder=${strings.compare.findRun} aria-label=${strings.compare.findRun} value=${text} onInput=${(event) => setText(event.target.value)}/>
    <ul class="plain-list check-list" aria-label=${strings.common.runs}>${[...found].sort((a, b) => b.createdAt - a.createdAt || compareNatural(a.name, b.name)).map((run) => html`<li key=${run.id}><label class="check-row"><input type="checkbox" checked=${view.now.runs.includes(run.id)} onChange=${() => toggle(run.id)}/><${RunSwatch} run=${run}/><span class="clip">${run.name}</span></label></li>`)}</ul></${Popover}>`;
}
