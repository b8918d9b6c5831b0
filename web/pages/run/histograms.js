/** Distributions over time, one card for each name. @module */
import {html, useEffect} from "../../vendor/preact.js";
import {useChanges} from "../../store/signal.js";
import {ready} from "../../idle.js";
import {compareNatural} from "../../lib/natural.js";
import {metricMatcher} from "../../lib/sections.js";
import {HistogramBox} from "../../ui/histogram-box.js";
import {Empty, ErrorCard, Icon} from "../../ui/parts.js";
import * as strings from "../../strings.js";

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
    <div class="histograms">${names.map((name) => html`<${HistogramBox} key=${name} store=${store} name=${name} runs=${[run.id]}/>`)}</div></div>`;
}
