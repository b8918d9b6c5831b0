/** What all charts of a section have of their own: axes, smoothing, outliers. @module */
import {html} from "../vendor/preact.js";
import {AXES, epochAxis} from "./chart-toolbar.js";
import {derivedChoices} from "../lib/x-axes.js";
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
    choose("x", undefined, "x-axis: as the workspace"), ...[...AXES, ...epochAxis(store.metrics), ...derivedChoices([...store.runs.values()].slice(0, 1000), store.metrics)].map(([value, label]) => choose("x", value, `x-axis: ${label.toLowerCase()}`)), null,
    choose("yScale", undefined, "Linear y"), choose("yScale", "log", "Log y"), choose("yScale", "symlog", "Symlog y"), null,
    choose("smoothing", undefined, "Smoothing: as the workspace"), ...AMOUNTS.map((amount) => choose("smoothing", {kind: view.now.smoothing.kind, amount}, amount ? `Smoothing: ${amount}` : "No smoothing")), null,
    {label: "Leave outliers out of ranges", checked: all("outliers", true), onSelect: () => change({outliers: all("outliers", true) ? undefined : true})},
    {label: "Reset zoom", icon: "scan", onSelect: () => change({range: undefined, yRange: undefined})},
  ];
  return html`<${Menu} label=${`Charts of ${section.name}`} icon="ellipsis" className="icon-button" items=${items}/>`;
}
