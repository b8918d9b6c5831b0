/** What all charts of a section have of their own: axes, smoothing, outliers. @module */
import {html} from "../vendor/preact.js";
import {AXES, epochAxis} from "./chart-toolbar.js";
import {derivedChoices} from "../lib/x-axes.js";
import * as strings from "../strings.js";
import {Menu} from "./overlay.js";

const AMOUNTS = [0, 0.6, 0.9, 0.99];

/** @param {{section: {name: string, metrics: string[]}, store: object, view: import("../store/view.js").ViewStore}} props */
export function SectionMenu({section, store, view}) {
  const {charts} = view.now, all = (name, value) => section.metrics.every((metric) => JSON.stringify(charts[metric]?.[name]) === JSON.stringify(value));
  const change = (settings) => {
    const next = {...charts};
    for (const metric of section.metrics) {
      const own = Object.fromEntries(Object.entries({...next[metric], ...settings}).filter(([, value]) => value !== undefined));
      if (Object.keys(own).length) next[metric] = own; else delete next[metric];
    }
    view.set({charts: next});
  };
  const choose = (name, value, label) => ({label, radio: true, checked: all(name, value), onSelect: () => change({[name]: value, ...(name === "x" ? {range: undefined} : {})})});
  const items = () => [
    choose("x", undefined, strings.sections.xAsWorkspace), ...[...AXES, ...epochAxis(store.metrics), ...derivedChoices([...store.runs.values()].slice(0, 1000), store.metrics)].map(([value, label]) => choose("x", value, strings.sections.xIs({axis: label.toLowerCase()}))), null,
    choose("yScale", undefined, strings.chart.linearY), choose("yScale", "log", strings.chart.logY), choose("yScale", "symlog", strings.chart.symlogY), null,
    choose("smoothing", undefined, strings.sections.smoothingAsWorkspace), ...AMOUNTS.map((amount) => choose("smoothing", {kind: view.now.smoothing.kind, amount}, amount ? strings.sections.smoothingIs({amount}) : strings.sections.noSmoothing)), null,
    {label: strings.layout.leaveOutliersOut, checked: all("outliers", true), onSelect: () => change({outliers: all("outliers", true) ? undefined : true})},
    {label: strings.chart.resetZoom, icon: "scan", onSelect: () => change({range: undefined, yRange: undefined})},
  ];
  return html`<${Menu} label=${strings.sections.chartsOf({section: section.name})} icon="ellipsis" className="icon-button" items=${items}/>`;
}
