/** The console output of a run. @module */
import "../../elements/log-view.js";
import {html, useEffect, useRef, useState} from "../../vendor/preact.js";
import {address} from "../../router.js";
import {ready} from "../../idle.js";
import {formatStep} from "../../charts/format.js";
import {download} from "../../elements/chart-menu.js";
import {LEVELS} from "../../lib/log-level.js";
import {fileName} from "../../lib/names.js";
import {Empty, Icon} from "../../ui/parts.js";
import {toastError} from "../../ui/overlay.js";
import * as strings from "../../strings.js";

export function Logs({run, store, view: settings, total}) {
  const view = useRef(null), timer = useRef(0);
  const [follow, setFollow] = useState(run.state === "running" && !location.hash);
  const [text, setText] = useState(settings.now.search);
  const [stream, setStream] = useState(settings.now.stream), [level, setLevel] = useState(settings.now.level);
  const [every, setEvery] = useState(false);
  const [found, setFound] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => { if (total === 0) ready(); }, [total]);
  useEffect(() => {
    const element = view.current;
    if (!element) return undefined;
    const line = /^#line-(\d+)$/.exec(location.hash);
    const moment = /^#at-([\d.]+)$/.exec(location.hash);
    element.charts = address(["p", run.project, "r", run.id, "charts"]);
    element.follow = follow;
    if (line) element.target = Number(line[1]);
    element.run = run.id;
    const more = ({detail}) => { if (detail.run === run.id) element.grow(detail.total); };
    const listeners = new AbortController(), {signal} = listeners;
    element.addEventListener("log-ready", ({detail}) => { ready(); setError(detail.error?.message ?? null); if (moment) element.seek(Number(moment[1]) * 1e6).catch((failure) => setError(failure.message)); if (text || stream !== "all" || level !== "all") search({}); }, {signal});
    element.addEventListener("log-follow", ({detail}) => setFollow(detail.follow), {signal});
    element.addEventListener("log-line", ({detail}) => history.replaceState(null, "", `${location.pathname}${location.search}#line-${detail.number}`), {signal});
    store.addEventListener("logs", more, {signal});
    return () => { listeners.abort(); clearTimeout(timer.current); };
  }, [run.id, total === 0]);
  /** Searches with what changed. */
  const search = (changed) => {
    const wanted = {search: text, stream, level, ...changed}, isWhole = !wanted.search && wanted.stream === "all" && wanted.level === "all";
    settings.set(wanted, {key: "search"});
    clearTimeout(timer.current);
    timer.current = setTimeout(async () => {
      try {
        const pattern = wanted.search ? new RegExp(wanted.search, "i") : null;
        setError(null);
        const count = await view.current.search(pattern, wanted.stream, wanted.level);
        if (count !== null) setFound(isWhole ? null : count);
      } catch (failure) { setError(failure.message); }
    }, 250);
  };
  const save = async () => { try { download(`${fileName([run.project, run.name, "log"])}.txt`, new Blob([await view.current.text()], {type: "text/plain"})); } catch (failure) { toastError(failure); } };
  if (total === 0) return html`<div class="run-body"><${Empty} icon="scroll-text" title=${strings.log.none}><p class="muted">${strings.log.noneHint}</p></${Empty}></div>`;
  return html`<div class="run-body"><div class="log-page">
    <div class="log-tools" role="region" aria-label=${strings.log.tools}>
      <div class=${`search ${error ? "invalid" : ""}`}><${Icon} name="search"/><input class="input" type="search" placeholder=${strings.log.searchHint} aria-label=${strings.log.search} aria-invalid=${error ? "true" : undefined} title=${error ?? ""} value=${text} onInput=${(event) => { setText(event.target.value); search({search: event.target.value}); }}/></div>
      <select class="select" aria-label=${strings.log.stream} value=${stream} onChange=${(event) => { setStream(event.target.value); search({stream: event.target.value}); }}><option value="all">${strings.log.allOutput}</option><option value="stderr">${strings.log.standardErrorOnly}</option></select>
      <select class="select" aria-label=${strings.log.level} value=${level} onChange=${(event) => { setLevel(event.target.value); search({level: event.target.value}); }}>${LEVELS.map(([name, label]) => html`<option key=${name} value=${name} selected=${name === level}>${label}</option>`)}</select>
      <label class="check-row"><input type="checkbox" checked=${follow} onChange=${(event) => { setFollow(event.target.checked); view.current.follow = event.target.checked; }}/>${strings.log.follow}</label>
      <label class="check-row"><input type="checkbox" checked=${every} onChange=${(event) => { setEvery(event.target.checked); view.current.collapse = !event.target.checked; }}/>${strings.log.allStates}</label>
      <span class="muted" role="status">${found === null ? strings.log.lines({count: formatStep(total ?? 0)}) : strings.log.linesFound({found: formatStep(found), total: formatStep(total ?? 0)})}</span><span class="spring"></span>
      <button type="button" class="button small" onClick=${save}><${Icon} name="download"/>${strings.common.download}</button></div>
    <log-view ref=${view}></log-view></div></div>`;
}
