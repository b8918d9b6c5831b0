/** Adds a chart of one's own to the workspace: several metrics, a scatter plot, parallel coordinates, bars. @module */
import {html, useState} from "../vendor/preact.js";
import {columnOf} from "../lib/columns.js";
import {configPaths} from "../lib/run-keys.js";
import {compareNatural} from "../lib/natural.js";
import {Dialog} from "./overlay.js";

const TYPES = [["line", "Line, several metrics"], ["scatter", "Scatter"], ["parallel", "Parallel coordinates"], ["bar", "Bars"]];

export function AddChart({store, view, onClose}) {
  const [type, setType] = useState("line");
  const [keys, setKeys] = useState([]);
  const [text, setText] = useState("");
  const metrics = store.metrics.map(({name}) => name).sort(compareNatural);
  const options = type === "line" ? metrics : [...metrics.map((name) => `summary.${name}.last`), ...configPaths(store).map((path) => `config.${path}`)];
  const label = (key) => (type === "line" ? key : columnOf(key).label);
  const [least, most] = {line: [1, 8], scatter: [2, 2], parallel: [2, 12], bar: [1, 1]}[type];
  const toggle = (key) => setKeys(keys.includes(key) ? keys.filter((each) => each !== key) : [...keys, key].slice(-most));
  const add = (event) => {
    event.preventDefault();
    view.set({panels: [...view.now.panels, {type, keys}]});
    onClose();
  };
  const hint = {line: "One to eight metrics; colour is the run, line style the metric.", scatter: "Two keys: first x, then y.", parallel: "Two to twelve axes, in this order.", bar: "One key."}[type];
  return html`<${Dialog} title="Add chart" onClose=${onClose}><form onSubmit=${add}>
    <div class="tabs small-tabs" role="group" aria-label="Kind of chart">${TYPES.map(([key, name]) => html`<button type="button" key=${key} class="tab" aria-pressed=${key === type ? "true" : "false"} onClick=${() => { setType(key); setKeys([]); }}>${name}</button>`)}</div>
    <p class="muted small">${hint}</p>
    <input class="input" type="search" placeholder="Find key" aria-label="Find key" value=${text} onInput=${(event) => setText(event.target.value)}/>
    <ul class="plain-list check-list" aria-label="Keys">${options.filter((key) => label(key).toLowerCase().includes(text.toLowerCase())).slice(0, 200).map((key) => html`<li key=${key}><label class="check-row"><input type="checkbox" checked=${keys.includes(key)} onChange=${() => toggle(key)}/>
      <span class="clip">${label(key)}</span>${keys.includes(key) && html`<span class="muted small">${keys.indexOf(key) + 1}</span>`}</label></li>`)}</ul>
    <p><button type="submit" class="button primary" disabled=${keys.length < least}>Add chart</button></p></form></${Dialog}>`;
}
