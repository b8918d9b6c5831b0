/** One name's distributions over time, of one run or several. @module */
import "../elements/histogram-chart.js";
import {html, useEffect, useRef, useState} from "../vendor/preact.js";
import {post} from "../api.js";
import {runColor} from "../charts/colors.js";
import {themeNow} from "../preferences.js";
import * as strings from "../strings.js";

/** Steps at most, of one run and of each of several; runs whose bands are drawn in one chart, and among which they are looked for. */
const SLICES = 200, SLICES_EACH = 80, MOST_DRAWN = 8, MOST_ASKED = 1000;

/**
 * Loads its data while it is near the view, and again as more is logged.
 * @param {{store: any, name: string, runs: string[], mode?: string, onMode?: (mode: string) => void, colors?: any, actions?: any}} props
 *   `runs`: those of which the first that log the histogram are drawn; `mode`: without one, what fits their number; `actions` stand in the chart's head
 */
export function HistogramBox({store, name, runs, mode, onMode, colors, actions}) {
  const box = useRef(null), chart = useRef(null);
  const [near, setNear] = useState(false);
  const [own, setOwn] = useState(undefined);
  /** `{all: answers by run, more: further runs that log it}` */
  const [answers, setAnswers] = useState(null);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => setNear(entries.at(-1).isIntersecting), {root: box.current.closest("[data-scroller]"), rootMargin: "100% 0%"});
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (!near) return undefined;
    const element = chart.current, ended = new AbortController(), {signal} = ended;
    let timer = 0, turn = 0;
    const load = async () => {
      const mine = ++turn;
      try {
        const asked = {runs: runs.slice(0, MOST_ASKED), names: [name], limit: runs.length > 1 ? SLICES_EACH : SLICES, mostRuns: MOST_DRAWN};
        const {histograms: all, names: [found]} = runs.length ? await post("/histograms/query", asked, {signal, retry: true}) : {histograms: [], names: [{runs: 0}]};
        if (signal.aborted || mine !== turn) return;
        setAnswers({all, more: found.runs - all.length});
        element.message = all.length ? null : strings.histogram.noneOfShown;
      } catch (error) { if (!signal.aborted) element.message = error.message; }
    };
    element.loading = true;
    load().finally(() => { element.loading = false; });
    store.addEventListener("histograms", ({detail}) => { if (runs.includes(detail.run) && detail.names.includes(name) && !timer) timer = setTimeout(() => { timer = 0; load(); }, 1000); }, {signal});
    return () => { ended.abort(); clearTimeout(timer); };
  }, [near, runs.join(), name]);
  const looks = (answers?.all ?? []).map(({run: id}) => { const run = store.runs.get(id); return {name: run?.name ?? id, color: (run && colors?.of(run).color) ?? runColor(run?.color ?? 0, themeNow())}; });
  const picture = mode ?? own ?? (answers?.all.length > 1 ? "bands" : "heatmap");
  useEffect(() => {
    if (!near) return;
    chart.current.options = {title: name, more: answers?.more ?? 0};
    chart.current.mode = picture;
    if (answers) chart.current.data = answers.all.map((answer, i) => ({...answer, ...looks[i], runName: looks[i].name}));
  }, [near, answers, picture, JSON.stringify(looks)]);
  return html`<div class="histogram-box" ref=${box}>${near && html`<histogram-chart ref=${chart} onmode-change=${({detail}) => (onMode ?? setOwn)(detail.mode)}>${actions && html`<div slot="actions" class="chart-actions">${actions}</div>`}</histogram-chart>`}</div>`;
}
