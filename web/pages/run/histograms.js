/** Distributions over time, one card for each name. @module */
import "../../elements/histogram-chart.js";
import {html, useEffect, useRef, useState} from "../../vendor/preact.js";
import {get, query} from "../../api.js";
import {useChanges} from "../../store/signal.js";
import {ready} from "../../idle.js";
import {compareNatural} from "../../lib/natural.js";
import {metricMatcher} from "../../lib/sections.js";
import {Empty, ErrorCard, Icon} from "../../ui/parts.js";
import * as strings from "../../strings.js";

const SLICES = 200;

export function Histograms({run, store, view, histograms, error}) {
  useChanges(view);
  const text = view.now.search, setText = (search) => view.set({search}, {key: "search"});
  useEffect(() => { if (histograms || error) ready(); }, [Boolean(histograms), error]);
  const matcher = metricMatcher(text);
  const names = (histograms ?? []).map((each) => each.name).filter((name) => matcher.test(name)).sort(compareNatural);
  if (error) return html`<div class="run-body"><${ErrorCard} error=${error}/></div>`;
  if (histograms?.length === 0) return html`<div class="run-body"><${Empty} icon="chart-column" title=${strings.histogram.none}><p class="muted">${strings.histogram.noneHint}</p></${Empty}></div>`;
  return html`<div class="run-body" data-scroller><div class="toolbar"><div class=${`search ${matcher.error ? "invalid" : ""}`}><${Icon} name="search"/><input class="input" type="search" placeholder=${strings.common.filter} aria-label=${strings.histogram.filter} value=${text} onInput=${(event) => setText(event.target.value)}/></div>
    <span class="muted">${strings.common.someOf({some: names.length, all: histograms?.length ?? 0})}</span></div>
    <div class="histograms">${names.map((name) => html`<${HistogramBox} key=${name} run=${run} name=${name} store=${store}/>`)}</div></div>`;
}

/** Loads its data when it comes near the view. */
function HistogramBox({run, name, store}) {
  const box = useRef(null), chart = useRef(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => { if (entry.isIntersecting) { setNear(true); observer.disconnect(); } }, {rootMargin: "100%"});
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (!near) return undefined;
    const element = chart.current;
    element.options = {title: name, color: run.color};
    const load = async () => {
      try { element.data = await get(`/runs/${run.id}/histograms/data${query({name, limit: SLICES})}`); element.message = null; } catch (error) { element.message = error.message; }
    };
    element.loading = true;
    load().finally(() => { element.loading = false; });
    let timer = 0;
    const more = ({detail}) => { if (detail.run === run.id && detail.names.includes(name) && !timer) timer = setTimeout(() => { timer = 0; load(); }, 1000); };
    store.addEventListener("histograms", more);
    return () => { clearTimeout(timer); store.removeEventListener("histograms", more); };
  }, [near, run.id, name]);
  return html`<div class="histogram-box" ref=${box}>${near && html`<histogram-chart ref=${chart}></histogram-chart>`}</div>`;
}
