/** One run: overview, charts, histograms, system, config, logs, health. @module */
import {html, useEffect, useRef, useState} from "../vendor/preact.js";
import {address, go} from "../router.js";
import {get, query} from "../api.js";
import {ready} from "../idle.js";
import {useChanges} from "../store/signal.js";
import {onShortcut} from "../ui/shortcuts.js";
import {CopyButton, ErrorCard, Icon, IconButton, Moment, RunSwatch, StateMark, copyText} from "../ui/parts.js";
import {Menu, toast, toastError} from "../ui/overlay.js";
import {PutAwayBanner, usePutAway} from "../ui/put-away.js";
import {ColorPicker} from "../ui/color-picker.js";
import {badNews} from "../lib/run-state.js";
import {resumeCommand} from "../lib/environment.js";
import {formatDuration} from "../charts/format.js";
import {useFavicon} from "./workspace.js";
import NotFound from "./not-found.js";
import {Overview} from "./run/overview.js";
import {RunCharts} from "./run/charts.js";
import {Histograms} from "./run/histograms.js";
import {Config} from "./run/config.js";
import {Logs} from "./run/logs.js";
import {lazy} from "../ui/lazy.js";
import * as strings from "../strings.js";

const Media = lazy(() => import("./run/media.js"), "Media");
const Health = lazy(() => import("./run/health.js"), "Health");
const RunCommands = lazy(() => import("../ui/run-commands.js"), "RunCommands");

/** Metrics with a goal that the menu of comparisons names. */
const MOST_GOALS = 5;
const TABS = [["overview", strings.run.overview], ["charts", strings.common.charts], ["histograms", strings.run.histograms], ["media", strings.run.media], ["system", strings.run.system], ["config", strings.fields.config], ["logs", strings.run.logs], ["health", strings.run.health]];

export default function RunPage({store, view, project, rest}) {
  const [id, tab = "overview"] = [rest[1], rest[2]];
  const [error, setError] = useState(null);
  const [contents, setContents] = useState(null);
  useChanges(store, "runs", "metrics");
  const run = store.runs.get(id);
  const load = () => store.loadRun(id).then(() => setError(null), setError);
  useEffect(() => {
    load();
    const mediaNames = () => get(`/runs/${id}/media/names`).then(({names}) => names);
    // What comes while it is asked for may not be in the answer: then it is asked for again.
    let isKnown = false, missed = false;
    const loadContents = () => Promise.all([get(`/runs/${id}/histograms`), get(`/runs/${id}/logs?limit=1`), mediaNames()])
      .then(([{histograms}, {total}, media]) => setContents({histograms, logs: total, media}), (failure) => setContents({error: failure}))
      .then(() => { isKnown = true; if (missed) { missed = false; loadContents(); } });
    loadContents();
    const early = ({detail}) => { if (detail.run === id && !isKnown) missed = true; };
    const again = ({detail}) => { if (detail.run === id) setContents((held) => held && {...held, logs: detail.total ?? held.logs}); };
    const more = ({detail}) => { if (detail.run === id) get(`/runs/${id}/histograms`).then(({histograms}) => setContents((held) => held && {...held, histograms}), () => {}); };
    const media = ({detail}) => { if (detail.run === id) mediaNames().then((names) => setContents((held) => held && {...held, media: names}), () => {}); };
    const listeners = [["media", media], ["logs", again], ["histograms", more], ["media", early], ["logs", early], ["histograms", early]];
    for (const [type, listener] of listeners) store.addEventListener(type, listener);
    return () => { for (const [type, listener] of listeners) store.removeEventListener(type, listener); };
  }, [id]);
  // A run that was there and is gone was deleted or moved: it says so itself.
  const wasThere = useRef(false);
  useEffect(() => { if (wasThere.current && !run) load(); wasThere.current = Boolean(run); }, [id, !run]);
  useEffect(() => {
    if (!run || run.project === project) return;
    toast(strings.run.isInProject({name: run.name, project: run.project}));
    go(address(["p", run.project, "r", id, ...rest.slice(2)]), {replace: true});
  }, [run?.project]);
  useFavicon(Boolean(run?.live));
  const label = TABS.find(([key]) => key === tab)?.[1];
  useEffect(() => { if (run) document.title = `${run.name} · ${label ?? tab} · ${project}`; }, [run?.name, tab]);
  // On a narrow screen the tabs are a row that scrolls.
  useEffect(() => { document.querySelector(".run-page .tab[aria-current]")?.scrollIntoView({block: "nearest", inline: "nearest"}); }, [tab, Boolean(run)]);
  const reasons = run ? reasonsOf(run, contents) : {};
  // Few runs log media: their tab is there only when they did.
  const tabs = TABS.filter(([key]) => key !== "media" || key === tab || contents?.media?.length > 0);
  useEffect(() => onShortcut(Object.fromEntries(tabs.map(([key], i) => [String(i + 1), () => { if (reasons[key]) return false; go(address(["p", project, "r", id, key])); }]))), [id, tabs.length, JSON.stringify(reasons)]);
  if (error?.status === 404) return html`<${NotFound} what=${strings.notFound.run} name=${id} project=${project}/>`;
  if (error && !run) { ready(); return html`<main id="main" class="page narrow"><h1>${strings.run.heading({id})}</h1><${ErrorCard} error=${error} retry=${load}/></main>`; }
  if (!label) return html`<${NotFound} what=${strings.notFound.tab} name=${tab} project=${project}/>`;
  if (!run?.attempts && !run?.config) return html`<main id="main" class="fills"><h1 class="visually-hidden">${strings.common.run}</h1><div class="skeleton-page" aria-label=${strings.run.loading}></div></main>`;
  return html`<main id="main" class="run-page fills">
    <${Head} run=${run} store=${store} project=${project}/>
    <${PutAwayBanner} run=${run} store=${store}/>
    <nav class="tabs-bar" aria-label=${strings.common.run}><div class="tabs">${tabs.map(([key, title]) => reasons[key]
      ? html`<span key=${key} class="tab" role="link" aria-disabled="true" title=${reasons[key]}>${title}</span>`
      : html`<a key=${key} class="tab" href=${address(["p", project, "r", id, key])} aria-current=${key === tab ? "page" : undefined}>${title}</a>`)}</div></nav>
    ${tab === "overview" && html`<${Overview} run=${run} store=${store}/>`}
    ${(tab === "charts" || tab === "system") && html`<${RunCharts} key=${tab} run=${run} store=${store} view=${view} system=${tab === "system"}/>`}
    ${tab === "histograms" && html`<${Histograms} run=${run} store=${store} view=${view} histograms=${contents?.histograms} error=${contents?.error}/>`}
    ${tab === "config" && html`<${Config} run=${run} store=${store} view=${view}/>`}
    ${tab === "media" && html`<${Media} run=${run} store=${store} view=${view} names=${contents?.media}/>`}
    ${tab === "health" && html`<${Health} run=${run} store=${store}/>`}
    ${tab === "logs" && html`<${Logs} run=${run} store=${store} view=${view} total=${contents?.logs}/>`}
  </main>`;
}

/** Why a tab has nothing to show; absent for those that have. */
function reasonsOf(run, contents) {
  const metrics = Object.keys(run.summary ?? {});
  const isSystem = (name) => name.startsWith("system/");
  return {
    ...(metrics.some((name) => !isSystem(name)) || run.state === "running" ? {} : {charts: strings.run.noMetric}),
    ...(metrics.some(isSystem) ? {} : {system: strings.run.noSystemMetric}),
    ...(contents?.histograms?.length === 0 ? {histograms: strings.run.noHistogram} : {}),
    ...(contents?.logs === 0 ? {logs: strings.run.noOutput} : {}),
  };
}

function Head({run, store, project}) {
  const [editing, setEditing] = useState(false);
  const [coloring, setColoring] = useState(false);
  const {items, dialog} = usePutAway(store, [run.id]);
  // What was asked of the program is told after its end, too.
  const listened = useRef(null);
  if (run.listens ?? run.declared) listened.current = run.id;
  const rename = async (event) => {
    event.preventDefault();
    const name = new FormData(event.target).get("name").trim();
    setEditing(false);
    if (!name || name === run.name) return;
    try { await store.update(run.id, {name}); } catch (error) { toastError(error); }
  };
  const bad = badNews(run), resume = resumeCommand(run);
  return html`<header class="run-head"><div class="run-title">
    <h1><button type="button" class="icon-button" aria-label=${strings.run.changeColour} title=${strings.run.changeColour} onClick=${() => setColoring(true)}><${RunSwatch} run=${run}/></button>
      ${editing ? html`<form onSubmit=${rename}><input class="input" name="name" aria-label=${strings.common.name} value=${run.name} autofocus onBlur=${(event) => event.target.form.requestSubmit()}/></form>` : html`<span>${run.name}</span><${IconButton} icon="pencil" label=${strings.run.rename} onClick=${() => setEditing(true)}/>`}</h1>
    <${StateMark} run=${run}/>
    ${bad && html`<a class="state state-failed" title=${strings.run.seeHealth} href=${address(["p", project, "r", run.id, "health"])}><${Icon} name="triangle-alert" size=${14}/>${bad}</a>`}
    <span class="muted">${formatDuration(run.duration / 1000)}${run.state === "running" ? html` ${strings.run.lastSign} <${Moment} ms=${run.heartbeatAt}/>` : html` · <${Moment} ms=${run.createdAt}/>`}</span>
    ${run.tags.map((tag) => html`<span class="tag-chip" key=${tag}>${tag}</span>`)}
    <span class="spring"></span>
    ${listened.current === run.id && html`<${RunCommands} key=${run.id} run=${run} store=${store}/>`}
    <${CompareMenu} run=${run} store=${store} project=${project}/>
    <${Menu} label=${strings.run.more} icon="ellipsis" className="icon-button" items=${[
      {label: strings.run.copyID, icon: "copy", onSelect: async () => { await copyText(run.id); toast(strings.common.copiedThis({what: run.id})); }},
      ...(resume ? [{label: strings.run.copyResume, icon: "play", onSelect: async () => { await copyText(resume); toast(strings.run.resumeCopied); }}] : []),
      {label: strings.run.copyLink, icon: "link", hint: "Y", onSelect: async () => { await copyText(location.href); toast(strings.run.linkCopied); }},
      null, ...items]}/>
  </div>
  ${coloring && html`<${ColorPicker} store=${store} id=${run.id} onClose=${() => setColoring(false)}/>`}
  ${dialog}</header>`;
}

/** Compares with runs that are chosen on the next page, with the one before, or with the best by a metric that has a goal. */
function CompareMenu({run, store, project}) {
  const compare = (...ids) => go(address(["p", project, "compare"], `?runs=${ids.map(encodeURIComponent).join(",")}`));
  const find = (search, none) => async () => {
    try {
      const other = (await get(`${store.path}/runs${query({limit: 2, ...search})}`)).runs.find(({id}) => id !== run.id);
      if (other) compare(run.id, other.id); else toast(none);
    } catch (error) { toastError(error); }
  };
  const goals = store.metrics.filter(({goal, name}) => goal && name in (run.summary ?? {})).slice(0, MOST_GOALS);
  return html`<${Menu} label=${strings.run.compareWith} text=${strings.run.compareWith} icon="git-compare-arrows" className="button small" items=${[
    {label: strings.run.runsToChoose, onSelect: () => compare(run.id)},
    {label: strings.run.runBefore, onSelect: find({filter: `createdAt < ${run.createdAt}`, sort: "-createdAt"}, strings.run.noRunBefore)},
    ...goals.map(({name, goal}) => ({label: strings.run.bestBy({metric: name}), onSelect: find({sort: goal === "maximize" ? `-summary.${name}.max` : `summary.${name}.min`}, strings.run.noOtherRun)})),
  ]}/>`;
}
