/** What ran, when, with what result. @module */
import {html, useEffect, useRef, useState} from "../../vendor/preact.js";
import {address} from "../../router.js";
import {ready} from "../../idle.js";
import {loadSeries} from "../../series-loader.js";
import {flatten, valueAt, equal} from "../../lib/tree.js";
import {environmentFacts, packagesOf} from "../../lib/environment.js";
import {compareNatural} from "../../lib/natural.js";
import {numberOf, textOf} from "../../lib/columns.js";
import {healthOf} from "../../lib/run-state.js";
import {CopyButton, Icon, Moment, StateMark} from "../../ui/parts.js";
import {Markdown} from "../../ui/markdown.js";
import {toastError} from "../../ui/overlay.js";
import {formatDuration, formatStep, formatValue} from "../../charts/format.js";
import {runColor} from "../../charts/colors.js";
import {themeNow} from "../../preferences.js";
import * as strings from "../../strings.js";

const CONFIG_ROWS = 14, SUMMARY_ROWS = 40;

export function Overview({run, store}) {
  useEffect(() => { ready(); }, []);
  const attempt = run.attempts?.at(-1);
  return html`<div class="run-body padded"><div class="overview"><div>
    <section class="card"><h2>${strings.common.run}</h2><dl class="facts">
      <dt>${strings.fields.state}</dt><dd><${StateMark} run=${run}/></dd>
      <dt>${strings.run.health}</dt><dd><a href=${address(["p", run.project, "r", run.id, "health"])}>${healthOf(run)}</a></dd>
      <dt>${strings.run.started}</dt><dd><${Moment} ms=${run.startedAt}/></dd>
      ${run.finishedAt ? html`<dt>${strings.run.finished}</dt><dd><${Moment} ms=${run.finishedAt}/></dd>` : null}
      <dt>${strings.fields.duration}</dt><dd>${formatDuration(run.duration / 1000)}</dd>
      <dt>${strings.run.steps}</dt><dd>${run.lastStep === null || run.lastStep === undefined ? "—" : formatStep(run.lastStep)}</dd>
      <dt>${strings.run.points}</dt><dd>${formatStep(run.points)}</dd>
      ${run.group ? html`<dt>${strings.fields.group}</dt><dd>${run.group}</dd>` : null}${run.jobType ? html`<dt>${strings.fields.jobType}</dt><dd>${run.jobType}</dd>` : null}
      ${attempt?.host ? html`<dt>${strings.fields.host}</dt><dd>${typeof attempt.host === "string" ? attempt.host : JSON.stringify(attempt.host)}</dd>` : null}
      ${run.attempts?.length > 1 ? html`<dt>${strings.run.attempts}</dt><dd>${strings.run.attemptsResumed({count: run.attempts.length, step: formatStep(attempt.resumeStep ?? 0)})}</dd>` : null}
      ${run.parent ? html`<dt>${strings.run.forkedFrom}</dt><dd><a href=${address(["p", run.project, "r", run.parent])}>${run.parent}</a></dd>` : null}
      <dt>${strings.fields.id}</dt><dd><code>${run.id}</code> <${CopyButton} text=${run.id} iconOnly label=${strings.run.copyID}/></dd></dl>
      <h2>${strings.fields.tags}</h2><${Tags} run=${run} store=${store}/></section>
    ${run.environment && html`<section class="card"><h2>${strings.run.origin}</h2><${Origin} environment=${run.environment}/></section>`}
    <section class="card"><h2>${strings.fields.notes}</h2><${Notes} run=${run} store=${store}/></section></div><div>
    <section class="card"><h2>${strings.run.summary}</h2><${Summary} run=${run} store=${store}/></section>
    <section class="card"><h2>${strings.fields.config}</h2><${ConfigHead} run=${run} store=${store}/></section>
  </div></div></div>`;
}

/** Where the run came from; the changes and packages are long, and wait until they are asked for. */
function Origin({environment}) {
  const {git} = environment, packages = Object.entries(packagesOf(environment)).sort(([a], [b]) => compareNatural(a, b));
  return html`<dl class="facts">${environmentFacts(environment).map(([label, value]) => html`<dt key=${label}>${label}</dt><dd key=${`${label}:`}>${label === strings.environment.command ? html`<code>${value}</code> <${CopyButton} text=${value} iconOnly label=${strings.run.copyCommand}/>` : value}</dd>`)}</dl>
    ${git?.diff && html`<details><summary>${strings.run.changesHead({isCut: git.diffCut})}</summary><pre class="diff" tabindex="0" aria-label=${strings.run.changes}>${git.diff.split("\n").map((line, i) => html`<span key=${i} class=${line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : ""}>${line}\n</span>`)}</pre></details>`}
    ${packages.length > 0 && html`<details><summary>${strings.run.packages({count: packages.length})}</summary><dl class="facts">${packages.map(([name, version]) => html`<dt key=${name}>${name}</dt><dd key=${`${name}:`}>${version}</dd>`)}</dl></details>`}`;
}

function Tags({run, store}) {
  const save = async (tags) => { try { await store.update(run.id, {tags}); } catch (error) { toastError(error); } };
  const add = (event) => {
    event.preventDefault();
    const tag = new FormData(event.target).get("tag").trim();
    event.target.reset();
    if (tag && !run.tags.includes(tag)) save([...run.tags, tag]);
  };
  return html`<div class="row chip-runs">${run.tags.map((tag) => html`<span class="tag-chip" key=${tag}>${tag}<button type="button" class="icon-button" aria-label=${strings.run.removeTag({tag})} onClick=${() => save(run.tags.filter((each) => each !== tag))}><${Icon} name="x" size=${12}/></button></span>`)}
    <form onSubmit=${add}><input class="input" name="tag" placeholder=${strings.run.addTag} aria-label=${strings.run.addTag}/></form></div>`;
}

function Summary({run, store}) {
  const names = Object.keys(run.summary ?? {}).sort(compareNatural);
  const explicit = [...flatten(run.summaryValues ?? {})];
  const sparks = useSparks(run, names.slice(0, SUMMARY_ROWS), store);
  if (names.length + explicit.length === 0) return html`<p class="muted">${strings.run.nothingLogged}</p>`;
  return html`<div class="table-box" tabindex="0" role="region" aria-label=${strings.run.summary}><table class="table"><thead><tr><th scope="col">${strings.common.metric}</th><th scope="col"><span class="visually-hidden">${strings.run.curve}</span></th>${[strings.statistics.last, strings.statistics.min, strings.statistics.max].map((head) => html`<th key=${head} scope="col" class="number">${head}</th>`)}</tr></thead>
    <tbody>${explicit.map(([name, value]) => html`<tr key=${`explicit:${name}`}><th scope="row">${name}</th><td></td><td class="number" colspan="3">${textOf(numberOf(value))}</td></tr>`)}
    ${names.map((name) => { const s = run.summary[name]; return html`<tr key=${name}><th scope="row">${name}${s.nan ? html` <span class="error-text small">${formatStep(s.nan)} NaN</span>` : ""}</th><td><${Spark} series=${sparks.get(name)} run=${run}/></td>
      ${["last", "min", "max"].map((key) => html`<td key=${key} class="number" title=${String(s[key] ?? "")}>${formatValue(numberOf(s[key]))}</td>`)}</tr>`; })}</tbody></table></div>`;
}

function useSparks(run, names, store) {
  const [sparks, setSparks] = useState(new Map());
  const key = names.join("\n");
  useEffect(() => {
    const abort = new AbortController();
    const load = () => { for (const metric of names) loadSeries({runs: [run.id], metric, buckets: 90}, abort.signal).then(({series}) => { if (series[0]) setSparks((held) => new Map(held).set(metric, series[0])); }, () => {}); };
    load();
    let timer = 0;
    const rows = ({detail}) => { if (detail.run === run.id && !timer) timer = setTimeout(() => { timer = 0; load(); }, 5000); };
    store.addEventListener("rows", rows);
    return () => { abort.abort(); clearTimeout(timer); store.removeEventListener("rows", rows); };
  }, [run.id, key]);
  return sparks;
}

/** A curve without axes; the numbers beside it say the rest. */
function Spark({series, run}) {
  if (!series || series.bucketCount < 2) return html`<svg class="sparkline" aria-hidden="true"></svg>`;
  const finite = [];
  for (let i = 0; i < series.bucketCount; i++) if (Number.isFinite(series.mean[i])) finite.push(i);
  const values = finite.map((i) => series.mean[i]);
  const [low, high] = [Math.min(...values), Math.max(...values)], [a, b] = series.domain;
  const path = finite.map((i, n) => `${n ? "L" : "M"}${(2 + 86 * (series.x1[i] - a) / (b - a || 1)).toFixed(1)} ${(20 - 18 * (series.mean[i] - low) / (high - low || 1)).toFixed(1)}`).join("");
  return html`<svg class="sparkline" viewBox="0 0 90 22" aria-hidden="true"><path d=${path} fill="none" stroke=${runColor(run.color, themeNow())} stroke-width="1.5"/></svg>`;
}

function Notes({run, store}) {
  const [editing, setEditing] = useState(false);
  const box = useRef(null);
  const save = async () => { const notes = box.current.value; setEditing(false); try { await store.update(run.id, {notes}); } catch (error) { toastError(error); } };
  if (editing) return html`<textarea ref=${box} class="input" aria-label=${strings.fields.notes} placeholder=${strings.run.notesFormat} autofocus>${run.notes ?? ""}</textarea><div class="row"><button type="button" class="button primary small" onClick=${save}>${strings.common.save}</button><button type="button" class="button small" onClick=${() => setEditing(false)}>${strings.common.cancel}</button></div>`;
  return html`${run.notes ? html`<${Markdown} text=${run.notes}/>` : html`<p class="muted">${strings.run.noNotes}</p>`}<button type="button" class="button small" onClick=${() => setEditing(true)}><${Icon} name="pencil" size=${14}/>${run.notes ? strings.run.editNotes : strings.run.writeNotes}</button>`;
}

/** The config, keys that differ from the project's other runs first. */
function ConfigHead({run, store}) {
  const others = [...store.runs.values()].filter((other) => other.id !== run.id && other.config).slice(0, 200);
  const rows = [...flatten(run.config ?? {})].map(([path, value]) => ({path, value, differs: others.some((other) => !equal(valueAt(other.config, path), value))}));
  rows.sort((a, b) => Number(b.differs) - Number(a.differs) || compareNatural(a.path, b.path));
  if (rows.length === 0) return html`<p class="muted">${strings.run.noConfig}</p>`;
  return html`<dl class="facts">${rows.slice(0, CONFIG_ROWS).map(({path, value, differs}) => html`<dt key=${path}>${path}</dt><dd key=${`${path}:value`}><span class=${differs && others.length ? "differs" : ""} title=${differs ? strings.run.differsHint : ""}>${textOf(value)}</span></dd>`)}</dl>
    ${rows.length > CONFIG_ROWS && html`<p class="muted">${strings.run.andMore({count: rows.length - CONFIG_ROWS})}</p>`}<p><a href=${address(["p", run.project, "r", run.id, "config"])}>${strings.run.wholeConfig}</a></p>`;
}
