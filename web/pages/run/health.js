/** What went wrong in a run: each finding with its evidence, why it matters, what to try. @module */
import {html, useEffect, useState} from "../../vendor/preact.js";
import {address} from "../../router.js";
import {ready} from "../../idle.js";
import {loadSeries} from "../../series-loader.js";
import {findingsOf, firstNotFinite} from "../../lib/health.js";
import {formatView} from "../../lib/url-state.js";
import {Empty, ErrorCard, Icon} from "../../ui/parts.js";
import {formatStep, formatValue} from "../../charts/format.js";

const BUCKETS = 500, MOST_METRICS = 200, AGAIN_MS = 5000;
const SEVERITY = {error: ["circle-x", "error"], warning: ["triangle-alert", "warning"], info: ["info", "note"]};
const share = (part, whole) => `${formatStep(part)} of ${formatStep(whole)} points`;

/** Title, why it matters and what to try, by kind. @type {Record<string, (finding: import("../../lib/health.js").Finding) => [string, string, string]>} */
const WORDS = {
  failed: () => ["The run failed", "Its process ended with an error, so the last values may not be final.", "Read the end of its log, then resume from the last checkpoint."],
  silent: () => ["No sign of life for two minutes", "A running process tells that it lives every few seconds: this one is stuck, or cannot reach the server.", "Look at the process and at its machine; what it could not send waits in its spool."],
  nan: ({metric, count, of}) => [`NaN in ${metric}: ${share(count, of)}`, "Every number that is made of a NaN is one: nothing after the first is learned.", "Look at the batch of the first step; lower the learning rate, clip gradients, keep log and division away from 0."],
  infinity: ({metric, count, of}) => [`Infinity in ${metric}: ${share(count, of)}`, "An overflow is one step from NaN.", "Clip gradients, lower the learning rate, or use a wider number format with loss scaling."],
  spikes: ({metric, count, worst}) => [`${formatStep(count)} ${count === 1 ? "spike" : "spikes"} in ${metric}, up to ${formatValue(worst)}`, "Single batches that throw the loss far off can undo many steps.", "Look at the data of these steps; clip gradients, or lengthen the warm-up."],
  divergence: ({metric, best, now}) => [`${metric} diverged: from ${formatValue(best)} to ${formatValue(now)}`, "The loss rose again and did not come back.", "Go back to the checkpoint before it rose, with a lower learning rate."],
  overfitting: ({metric, best, now}) => [`${metric} was best long before: ${formatValue(best)}, now ${formatValue(now)}`, "Training goes on to fit what does not help on new data.", "Stop at the best step, or regularise: augmentation, weight decay, dropout."],
  zeroRate: ({metric}) => [`${metric} is 0 while the run goes on`, "With a learning rate of 0 nothing is learned any more.", "End the run, or check the plan of the learning rate."],
};

export function Health({run, store}) {
  const {series, error, load} = useSeries(run, store);
  useEffect(() => { if (series || error) ready(); }, [Boolean(series), error]);
  if (error) return html`<div class="run-body"><${ErrorCard} error=${error} retry=${load}/></div>`;
  if (!series) return html`<div class="run-body padded" aria-busy="true"></div>`;
  const goals = new Map(store.metrics.filter(({goal}) => goal).map(({name, goal}) => [name, goal]));
  const findings = findingsOf(run, series, goals);
  if (findings.length === 0) return html`<div class="run-body"><${Empty} icon="circle-check" title="Nothing found"><p class="muted">${looked(series.length)} no NaN or infinity, no spikes, no divergence, no over-fitting, no learning rate of 0.</p></${Empty}></div>`;
  return html`<div class="run-body padded" data-scroller><ul class="findings" aria-label="Findings">${findings.map((finding) => html`<${Card} key=${`${finding.kind} ${finding.metric}`} run=${run} finding=${finding} series=${series.find(({metric}) => metric === finding.metric)}/>`)}</ul></div>`;
}

const looked = (count) => `Looked at ${formatStep(count)} ${count === 1 ? "metric" : "metrics"}:`;

/** All series of the run, in buckets; read again while the run goes on. */
function useSeries(run, store) {
  const [state, setState] = useState({series: null, error: null}), [again, setAgain] = useState(0);
  const names = Object.keys(run.summary ?? {}).filter((name) => !name.startsWith("system/")).slice(0, MOST_METRICS).join("\n");
  useEffect(() => {
    const abort = new AbortController();
    Promise.all(names.split("\n").filter(Boolean).map((metric) => loadSeries({runs: [run.id], metric, x: "step", buckets: BUCKETS}, abort.signal)))
      .then((answers) => setState({series: answers.flatMap((answer) => answer.series), error: null}), (error) => { if (!abort.signal.aborted) setState((held) => ({...held, error: held.series ? null : error})); });
    let timer = 0;
    const rows = ({detail}) => { if (detail.run === null || detail.run === run.id) timer ||= setTimeout(() => setAgain((n) => n + 1), AGAIN_MS); };
    store.addEventListener("rows", rows);
    return () => { abort.abort(); clearTimeout(timer); store.removeEventListener("rows", rows); };
  }, [run.id, names, again]);
  return {...state, load: () => setAgain((n) => n + 1)};
}

/** The step at which a finding begins: where only its bucket is known, that bucket is asked for point by point. */
function useFirst(run, {kind, metric, first, begin}) {
  const [exact, setExact] = useState(null), key = begin ? `${metric} ${begin}` : "";
  useEffect(() => {
    setExact(null);
    if (!begin) return undefined;
    const abort = new AbortController();
    loadSeries({runs: [run.id], metric, x: "step", buckets: BUCKETS, from: begin[0], to: begin[1]}, abort.signal)
      .then(({series: [series]}) => setExact(series ? firstNotFinite(series, kind) : null), () => {});      // the bucket says enough
    return () => abort.abort();
  }, [run.id, key]);
  return exact ?? first;
}

function Card({run, finding, series}) {
  const first = useFirst(run, finding);
  const {kind, severity, metric, last} = finding, [title, why, todo] = WORDS[kind](finding), [icon, word] = SEVERITY[severity];
  const room = last === null ? 0 : Math.max(10, (last - first) * 0.25);
  const search = metric && formatView({charts: {[metric]: {range: [Math.max(0, first - room), last + room]}}, metrics: metric});
  return html`<li class="card finding"><div><h2><span class=${`state finding-${severity}`}><${Icon} name=${icon}/>${word}</span> ${title}</h2>
      <p class="muted">${last === null ? (first === null ? "" : `at step ${formatStep(first)}`) : first === last ? `at step ${formatStep(first)}` : `steps ${formatStep(first)} to ${formatStep(last)}`}</p>
      <p>${why} ${todo}</p>
      ${metric ? html`<a class="button small" href=${address(["p", run.project, "r", run.id, "charts"], search)}><${Icon} name="chart-line"/>Show on the chart</a>` : kind === "failed" && html`<a class="button small" href=${address(["p", run.project, "r", run.id, "logs"])}><${Icon} name="scroll-text"/>Open the log</a>`}</div>
    ${series && html`<${Evidence} series=${series} finding=${finding}/>`}</li>`;
}

const WIDTH = 260, HEIGHT = 64;

/** The metric as a small band, the steps of the finding marked. */
function Evidence({series, finding: {first, last}}) {
  const [a, b] = series.domain, places = [];
  for (let i = 0; i < series.bucketCount; i++) if (Number.isFinite(series.mean[i]) && series.max[i] >= series.min[i]) places.push(i);
  const low = Math.min(...places.map((i) => series.min[i])), high = Math.max(...places.map((i) => series.max[i]));
  const x = (step) => (((step - a) / (b - a || 1)) * WIDTH).toFixed(1), y = (value) => (HEIGHT - 3 - ((HEIGHT - 6) * (value - low)) / (high - low || 1)).toFixed(1);
  const line = (column) => places.map((i) => `${x(series.x1[i])} ${y(column[i])}`);
  return html`<svg class="evidence" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
    <rect class="mark" x=${x(first)} y="0" width=${Math.max(2, x(last) - x(first))} height=${HEIGHT}/>
    ${places.length > 1 && html`<polyline points=${line(series.max).join(" ")}/><polyline points=${line(series.mean).join(" ")}/>`}</svg>`;
}
