/** Adds a chart of one's own to the workspace: several metrics, a formula, a scatter plot, parallel coordinates, bars, histograms, text. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {columnOf} from "../lib/columns.js";
import {configPaths} from "../lib/run-keys.js";
import {FUNCTIONS, parseFormula} from "../lib/formula.js";
import {compareNatural} from "../lib/natural.js";
import {histogramNames} from "../store/histograms.js";
import * as strings from "../strings.js";
import {Dialog} from "./overlay.js";

const TYPES = [["line", strings.addChart.line], ["scatter", strings.addChart.scatter], ["parallel", strings.common.parallelCoordinates], ["bar", strings.addChart.bars], ["histogram", strings.addChart.histogram], ["formula", strings.addChart.formula], ["text", strings.addChart.text]];
const HINTS = {line: strings.addChart.lineHint, scatter: strings.addChart.scatterHint, parallel: strings.addChart.parallelHint, bar: strings.addChart.barsHint, histogram: strings.addChart.histogramHint};
const LIMITS = {line: [1, 8], scatter: [2, 2], parallel: [2, 12], bar: [1, 1], histogram: [1, 1]};

export function AddChart({store, view, onClose}) {
  const [type, setType] = useState("line");
  const add = (keys) => { view.set({panels: [...view.now.panels, {type, keys}]}); onClose(); };
  return html`<${Dialog} title=${strings.addChart.title} onClose=${onClose}>
    <div class="tabs small-tabs" role="group" aria-label=${strings.addChart.kind}>${TYPES.map(([key, name]) => html`<button type="button" key=${key} class="tab" aria-pressed=${key === type ? "true" : "false"} onClick=${() => setType(key)}>${name}</button>`)}</div>
    ${type === "formula" ? html`<${FormulaForm} store=${store} add=${add}/>` : type === "text" ? html`<${TextForm} add=${add}/>` : html`<${KeysForm} key=${type} type=${type} store=${store} add=${add}/>`}</${Dialog}>`;
}

/** A formula over metrics; says what is wrong and where while it is typed. */
function FormulaForm({store, add}) {
  const [text, setText] = useState("");
  const known = new Set(store.metrics.map(({name}) => name));
  let error = null, metrics = [];
  try { ({metrics} = parseFormula(text)); } catch (failure) { error = failure; }
  const unknown = metrics.filter((name) => !known.has(name));
  const words = text && error ? strings.addChart.errorAt({message: error.message, sign: error.at + 1}) : unknown.length ? strings.addChart.unknownMetrics({names: unknown.join(", ")}) : "";
  const quote = (name) => (/^[A-Za-z_][\w.]*$/.test(name) ? name : `\`${name}\``);
  return html`<form onSubmit=${(event) => { event.preventDefault(); if (!error && !unknown.length) add([text.trim()]); }}>
    <p class="muted small">${strings.addChart.formulaHint({functions: Object.keys(FUNCTIONS).join(", ")})}</p>
    <label class="field"><span>${strings.addChart.formula}</span><input class="input mono" value=${text} placeholder=${strings.addChart.formulaExample} aria-invalid=${words ? "true" : undefined} onInput=${(event) => setText(event.target.value)} autofocus/></label>
    <p class="error-text small" role="status">${words}</p>
    <ul class="plain-list check-list" aria-label=${strings.addChart.metrics}>${[...known].sort(compareNatural).slice(0, 200).map((name) => html`<li key=${name}><button type="button" class="link-button" onClick=${() => setText(`${text}${text && !/[\s(]$/.test(text) ? " " : ""}${quote(name)}`)}>${name}</button></li>`)}</ul>
    <p><button type="submit" class="button primary" disabled=${Boolean(error) || unknown.length > 0}>${strings.addChart.title}</button></p></form>`;
}

function TextForm({add}) {
  const [text, setText] = useState("");
  return html`<form onSubmit=${(event) => { event.preventDefault(); if (text.trim()) add([text]); }}>
    <p class="muted small">${strings.addChart.textHint}</p>
    <label class="field"><span>${strings.addChart.text}</span><textarea class="input" rows="8" value=${text} onInput=${(event) => setText(event.target.value)} autofocus></textarea></label>
    <p><button type="submit" class="button primary" disabled=${!text.trim()}>${strings.addChart.addText}</button></p></form>`;
}

function KeysForm({type, store, add}) {
  const [keys, setKeys] = useState([]);
  const [text, setText] = useState("");
  const [histograms, setHistograms] = useState([]);
  useEffect(() => { if (type === "histogram") histogramNames(store).load().then(setHistograms); }, []);
  const metrics = store.metrics.map(({name}) => name).sort(compareNatural), isName = type === "line" || type === "histogram";
  const options = type === "line" ? metrics : type === "histogram" ? [...histograms].sort(compareNatural) : [...metrics.map((name) => `summary.${name}.last`), ...configPaths(store).map((path) => `config.${path}`)];
  const label = (key) => (isName ? key : columnOf(key).label);
  const [least, most] = LIMITS[type];
  const toggle = (key) => setKeys(keys.includes(key) ? keys.filter((each) => each !== key) : [...keys, key].slice(-most));
  return html`<form onSubmit=${(event) => { event.preventDefault(); add(keys); }}>
    <p class="muted small">${HINTS[type]}</p>
    <input class="input" type="search" placeholder=${strings.common.findKey} aria-label=${strings.common.findKey} value=${text} onInput=${(event) => setText(event.target.value)}/>
    <ul class="plain-list check-list" aria-label=${strings.addChart.keys}>${options.filter((key) => label(key).toLowerCase().includes(text.toLowerCase())).slice(0, 200).map((key) => html`<li key=${key}><label class="check-row"><input type="checkbox" checked=${keys.includes(key)} onChange=${() => toggle(key)}/>
      <span class="clip">${label(key)}</span>${keys.includes(key) && html`<span class="muted small">${keys.indexOf(key) + 1}</span>`}</label></li>`)}</ul>
    <p><button type="submit" class="button primary" disabled=${keys.length < least}>${strings.addChart.title}</button></p></form>`;
}
