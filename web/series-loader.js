/**
 * Asks for series: questions that come together and differ only in the metric travel in one request.
 * @module
 */
import {post} from "./api.js";
import {decodeSeries, decodeSeriesJSON} from "./charts/series-format.js";

const MEDIA = "application/vnd.track.series";
const METRICS_A_REQUEST = 8, SERIES_A_REQUEST = 800;

/** @typedef {{runs: string[], metric: string, x?: string, from?: number, to?: number, buckets?: number, scale?: string,
 *   smoothing?: {kind: string, amount: number}, group?: object, percentiles?: number[], since?: string[]}} SeriesQuestion */

let waiting = [];
let scheduled = false;
/** Whether nothing was asked yet on this page. */
let isFirst = true;

/**
 * Answers `{series, missing}` of one metric.
 * @param {SeriesQuestion} question  @param {AbortSignal} [signal]
 */
export function loadSeries(question, signal) {
  return new Promise((resolve, reject) => {
    waiting.push({question, signal, resolve, reject});
    if (scheduled) return;
    scheduled = true;
    // The first charts of a page are made in one go; later ones may come in several steps of one task.
    queueMicrotask(isFirst ? send : () => setTimeout(send, 0));
  });
}

function send() {
  scheduled = false;
  const batch = wanted(waiting);
  waiting = [];
  const alike = new Map();
  for (const entry of batch) {
    const {metric, since, ...rest} = entry.question;
    const key = JSON.stringify(rest);
    if (!alike.has(key)) alike.set(key, []);
    alike.get(key).push(entry);
  }
  const askRest = () => alike.forEach(askInParts);
  // The first chart of a page has the line for itself: the others' answers would halve its speed.
  if (isFirst && batch.length > 1) ask([...alike.values()][0].splice(0, 1)).then(askRest); else askRest();
  if (batch.length) isFirst = false;
}

/** Every question ends, also one that nobody waits for any more: else the page would seem busy for ever. */
function wanted(entries) {
  for (const {signal, reject} of entries) if (signal?.aborted) reject(signal.reason);
  return entries.filter(({signal}) => !signal?.aborted);
}

function askInParts(all) {
  const entries = wanted(all);
  if (!entries.length) return;
  const size = Math.max(1, Math.min(METRICS_A_REQUEST, Math.floor(SERIES_A_REQUEST / Math.max(1, entries[0].question.runs.length))));
  for (let i = 0; i < entries.length; i += size) ask(entries.slice(i, i + size));
}

async function ask(entries) {
  const {metric, since, ...rest} = entries[0].question;
  const unique = [...new Map(entries.map((entry) => [entry.question.metric, entry])).values()];
  const body = {...rest, metrics: unique.map((entry) => entry.question.metric)};
  // Cursors go in the order runs × metrics.
  if (since) body.since = rest.runs.flatMap((_, run) => unique.map((entry) => entry.question.since[run] ?? ""));
  const abort = new AbortController();
  for (const {signal} of entries) signal?.addEventListener("abort", () => { if (entries.every((entry) => entry.signal?.aborted)) abort.abort(); });
  try {
    const raw = await post("/series/query", body, {accept: MEDIA, signal: abort.signal});
    const answer = raw instanceof ArrayBuffer ? decodeSeries(raw) : decodeSeriesJSON(raw);
    for (const entry of entries) {
      const mine = (item) => item.metric === entry.question.metric;
      entry.resolve({...answer, series: answer.series.filter(mine), missing: answer.missing.filter(mine)});
    }
  } catch (error) {
    for (const entry of entries) entry.reject(error);
  }
}
