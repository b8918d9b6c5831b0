/** One name's distributions over time, of one run or several. @module */
import "../elements/histogram-chart.js";
import {html, useEffect, useRef, useState} from "../vendor/preact.js";
import {get, query} from "../api.js";
import {runColor} from "../charts/colors.js";
import {themeNow} from "../preferences.js";
import {runsWith} from "../store/histograms.js";
import * as strings from "../strings.js";

/** Steps at most, of one run and of each of several. */
const SLICES = 200, SLICES_EACH = 80;

/**
 * Loads its data when it comes near the view, and again as more is logged.
 * @param {{store: any, name: string, runs: string[], find?: boolean, mode?: string, onMode?: (mode: string) => void, colors?: any, actions?: any}} props
 *   `find`: only some of the runs log the histogram; `actions` stand in the chart's head
 */
export function HistogramBox({store, name, runs, find = false, mode, onMode, colors, actions}) {
  const box = useRef(null), chart = useRef(null);
  const [near, setNear] = useState(false);
  const [answers, setAnswers] = useState(null);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => { if (entry.isIntersecting) { setNear(true); observer.disconnect(); } }, {rootMargin: "100%"});
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (!near) return undefined;
    const element = chart.current, ended = new AbortController(), {signal} = ended;
    const load = async () => {
      try {
        const drawn = find ? await runsWith(store, runs, name) : runs, limit = find ? SLICES_EACH : SLICES;
        const all = await Promise.all(drawn.map((run) => get(`/runs/${run}/histograms/data${query({name, limit})}`, {signal})));
        if (signal.aborted) return;
        setAnswers(all.map((answer, i) => ({...answer, run: drawn[i]})));
        element.message = all.length ? null : strings.histogram.noneOfShown;
      } catch (error) { if (!signal.aborted) element.message = error.message; }
    };
    element.loading = true;
    load().finally(() => { element.loading = false; });
    let timer = 0;
    store.addEventListener("histograms", ({detail}) => { if (runs.includes(detail.run) && detail.names.includes(name) && !timer) timer = setTimeout(() => { timer = 0; load(); }, 1000); }, {signal});
    return () => { ended.abort(); clearTimeout(timer); };
  }, [near, runs.join(), name]);
  const looks = (answers ?? []).map(({run: id}) => { const run = store.runs.get(id); return {name: run?.name ?? id, color: (run && colors?.of(run).color) ?? runColor(run?.color ?? 0, themeNow())}; });
  useEffect(() => {
    if (!near) return;
    chart.current.options = {title: name, more: answers ? Math.max(0, runs.length - answers.length) : 0};
    if (mode) chart.current.mode = mode;
    if (answers) chart.current.data = answers.map((answer, i) => ({...answer, ...looks[i], runName: looks[i].name}));
  }, [near, answers, mode, JSON.stringify(looks), runs.length]);
  return html`<div class="histogram-box" ref=${box}>${near && html`<histogram-chart ref=${chart} onmode-change=${({detail}) => onMode?.(detail.mode)}>${actions && html`<div slot="actions" class="chart-actions">${actions}</div>`}</histogram-chart>`}</div>`;
}
