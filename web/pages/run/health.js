/** What the server found wrong in a run: each finding with its evidence, why it matters, what to try. @module */
import {html, useEffect, useState} from "../../vendor/preact.js";
import {address} from "../../router.js";
import {get, put, query, remove} from "../../api.js";
import {ready} from "../../idle.js";
import {loadSeries} from "../../series-loader.js";
import {evidenceOf, numbersOf, rangeAround, stepsOf, withWholeNumbers} from "../../lib/health.js";
import {formatView} from "../../lib/url-state.js";
import {Empty, ErrorCard, Icon} from "../../ui/parts.js";
import {Menu, toastError} from "../../ui/overlay.js";
import {formatStep} from "../../charts/format.js";
import * as strings from "../../strings.js";

const BUCKETS = 500, AGAIN_MS = 2000, MOST = 50;
const SEVERITY = {error: ["circle-x", strings.health.error], warning: ["triangle-alert", strings.health.warning], info: ["info", strings.health.note]};

export function Health({run, store}) {
  const {answer, error, load} = useFindings(run, store), [all, showAll] = useState(false);
  useEffect(() => { if (answer || error) ready(); }, [Boolean(answer), error]);
  if (error) return html`<div class="run-body"><${ErrorCard} error=${error} retry=${load}/></div>`;
  if (!answer) return html`<div class="run-body padded" aria-busy="true"></div>`;
  const heard = answer.findings.filter(({muted}) => !muted), muted = answer.findings.filter((finding) => finding.muted);
  const cards = (findings) => html`<ul class="findings" aria-label=${strings.health.title}>${findings.map((finding) => html`<${Card} key=${`${finding.kind} ${finding.metric}`} run=${run} finding=${finding} load=${load}/>`)}</ul>`;
  return html`<div class="run-body padded" data-scroller>
    ${heard.length > 0 ? cards(all ? heard : heard.slice(0, MOST)) : html`<${Nothing} run=${run} complete=${answer.complete}/>`}
    ${heard.length > MOST && !all && html`<p><button type="button" class="button" onClick=${() => showAll(true)}>${strings.health.showAll({count: formatStep(heard.length)})}</button></p>`}
    ${muted.length > 0 && html`<details class="muted-findings"><summary>${strings.health.muted({count: formatStep(muted.length)})}</summary>${cards(muted)}</details>`}
  </div>`;
}

function Nothing({run, complete}) {
  if (!complete) return html`<${Empty} icon="activity" title=${strings.health.stillLooking}><p class="muted">${strings.health.stillLookingHint}</p></${Empty}>`;
  const count = Object.keys(run.summary ?? {}).length;
  return html`<${Empty} icon="circle-check" title=${strings.health.nothingFound}><p class="muted">${strings.health.nothingFoundHint({shown: formatStep(count), count})}</p></${Empty}>`;
}

/** The run's findings, read again when the server tells of others, and until it has looked at everything. */
function useFindings(run, store) {
  const [state, setState] = useState({answer: null, error: null}), [again, setAgain] = useState(0);
  const load = () => setAgain((n) => n + 1);
  useEffect(() => {
    const abort = new AbortController();
    let timer = 0;
    get(`/runs/${encodeURIComponent(run.id)}/findings`, {signal: abort.signal}).then((answer) => {
      setState({answer, error: null});
      if (!answer.complete) timer = setTimeout(load, AGAIN_MS);
    }, (error) => { if (!abort.signal.aborted) setState((held) => ({...held, error: held.answer ? null : error})); });
    return () => { abort.abort(); clearTimeout(timer); };
  }, [run.id, run.state, run.live, again]);
  useEffect(() => {
    const changed = ({detail}) => { if (detail.run === run.id) load(); }, resync = ({detail}) => { if (detail.run === null) load(); };
    store.addEventListener("findings", changed);
    store.addEventListener("rows", resync);
    return () => { store.removeEventListener("findings", changed); store.removeEventListener("rows", resync); };
  }, [run.id]);
  return {...state, load};
}

function Card({run, finding, load}) {
  const {severity, metric, kind} = finding, [title, why, advice, rule] = [finding.title, finding.why, finding.advice, finding.rule].map(withWholeNumbers);
  const [icon, word] = SEVERITY[severity], steps = withWholeNumbers(stepsOf(finding)), numbers = withWholeNumbers(numbersOf(finding));
  const hasSteps = metric && finding.firstStep !== undefined && finding.firstStep !== null;
  const search = hasSteps && formatView({charts: {[metric]: {range: rangeAround(finding)}}, metrics: metric});
  return html`<li class="card finding"><div><h2><span class=${`state finding-${severity}`}><${Icon} name=${icon}/>${word}</span> ${title}</h2>
      <p class="muted">${steps}${numbers && hasSteps ? " · " : ""}${numbers}</p>
      <p>${why} ${advice}</p>
      <details><summary>${strings.health.rule}</summary><p>${rule}</p></details>
      <div class="finding-actions">${hasSteps ? html`<a class="button small" href=${address(["p", run.project, "r", run.id, "charts"], search)}><${Icon} name="chart-line"/>${strings.health.showOnChart}</a>`
    : kind === "failed" && html`<a class="button small" href=${address(["p", run.project, "r", run.id, "logs"])}><${Icon} name="scroll-text"/>${strings.health.openLog}</a>`}
      <${Mute} run=${run} finding=${finding} load=${load}/></div></div>
    ${hasSteps && html`<${Evidence} run=${run} finding=${finding}/>`}</li>`;
}

/** Mutes a finding where it says, or no longer. */
function Mute({run, finding: {kind, metric, muted}, load}) {
  const change = (send, ...place) => async () => {
    try {
      await send(`/${place.map(encodeURIComponent).join("/")}/mutes/${kind}${query({metric})}`);
      load();
    } catch (error) { toastError(error); }
  };
  const places = {run: ["runs", run.id], project: ["projects", run.project]};
  if (muted) return html`<button type="button" class="button small" onClick=${change(remove, ...places[muted])}>${strings.health.hearAgain({where: muted === "run" ? strings.health.inRun : strings.health.inProject})}</button>`;
  return html`<${Menu} label=${strings.health.mute} text=${strings.health.mute} className="button small" items=${[
    {label: strings.health.forRun, onSelect: change(put, ...places.run)}, {label: strings.health.forProject, onSelect: change(put, ...places.project)}]}/>`;
}

const WIDTH = 260, HEIGHT = 64;

/** The metric as a small band, the steps of the finding marked. */
function Evidence({run, finding}) {
  const [series, setSeries] = useState(null), {metric, lastStep} = finding;
  useEffect(() => {
    const abort = new AbortController();
    loadSeries({runs: [run.id], metric, x: "step", buckets: BUCKETS}, abort.signal).then((answer) => setSeries(answer.series[0] ?? null), () => {});      // the words stand without it
    return () => abort.abort();
  }, [run.id, metric, lastStep]);
  if (!series) return html`<svg class="evidence" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true"></svg>`;
  const {lines, from, width} = evidenceOf(series, finding, WIDTH, HEIGHT);
  return html`<svg class="evidence" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
    <rect class="mark" x=${from} y="0" width=${width} height=${HEIGHT}/>${lines.map((points, i) => html`<polyline key=${i} points=${points}/>`)}</svg>`;
}
