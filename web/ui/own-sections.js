/** Sections of one's own: a name, and a pattern of the metrics that go into it. @module */
import {html, useState} from "../vendor/preact.js";
import {metricMatcher} from "../lib/sections.js";
import * as strings from "../strings.js";
import {Dialog} from "./overlay.js";
import {Icon, IconButton} from "./parts.js";

const errorOf = (pattern) => metricMatcher(`/${pattern}/`).error;

export function OwnSections({store, view, onClose}) {
  const [rows, setRows] = useState(view.now.own.length ? view.now.own : [["", ""]]);
  const change = (i, fields) => setRows(rows.map((row, k) => (k === i ? Object.assign([...row], fields) : row)));
  const filled = rows.filter(([name, pattern]) => name.trim() && pattern), wrong = rows.some(([, pattern]) => errorOf(pattern));
  const apply = (event) => {
    event.preventDefault();
    view.set({own: filled.map(([name, pattern]) => [name.trim(), pattern])});
    onClose();
  };
  return html`<${Dialog} title=${strings.sections.own} onClose=${onClose}><form onSubmit=${apply}>
    <p class="muted">${strings.sections.ownHint}</p>
    <ul class="plain-list own-sections">${rows.map((row, i) => html`<li key=${i} class="row">
      <input class="input" placeholder=${strings.common.name} aria-label=${strings.sections.nameOf({number: i + 1})} value=${row[0]} onInput=${(event) => change(i, {0: event.target.value})}/>
      <input class="input" placeholder=${strings.sections.patternExample} aria-label=${strings.sections.patternOf({number: i + 1})} aria-invalid=${errorOf(row[1]) ? "true" : undefined} value=${row[1]} onInput=${(event) => change(i, {1: event.target.value})}/>
      <${IconButton} icon="trash-2" label=${strings.sections.remove({number: i + 1})} onClick=${() => setRows(rows.filter((_, k) => k !== i))}/>
      <span class="muted small" role="status">${errorOf(row[1]) ?? (row[1] ? counted(store, row[1]) : "")}</span></li>`)}</ul>
    <p class="row"><button type="button" class="button" onClick=${() => setRows([...rows, ["", ""]])}><${Icon} name="plus"/>${strings.sections.add}</button><span class="spring"></span>
      <button type="submit" class="button primary" disabled=${wrong}>${strings.common.apply}</button></p></form></${Dialog}>`;
}

function counted(store, pattern) {
  const {test} = metricMatcher(`/${pattern}/`), n = store.metrics.filter(({name}) => test(name)).length;
  return strings.sections.matched({count: n});
}
