/** What one chart may have of its own, in one dialog: axes, ranges, line, smoothing, reference lines, notes. @module */
import {h, html, render, useState} from "../vendor/preact.js";
import {formatMarks, parseMarks} from "../lib/chart-marks.js";
import {derivedChoices} from "../lib/x-axes.js";
import * as strings from "../strings.js";
import {AXES} from "./chart-toolbar.js";
import {Dialog} from "./overlay.js";

const KINDS = [["timeEMA", strings.smoothing.timeEMA], ["ema", strings.smoothing.ema], ["gaussian", strings.smoothing.gaussian], ["average", strings.smoothing.average]];
const SAME = "same";
/** Among so many runs one is looked for that an axis can be derived for. */
const LOOKED_AT = 1000;

/** Opens the dialog over the page. @param {import("../elements/chart-panel.js").ChartPanel} panel */
export function openChartSettings(panel) {
  const host = document.createElement("div");
  document.body.append(host);
  render(h(ChartSettings, {panel, onClose: () => { render(null, host); host.remove(); }}), host);
}

function ChartSettings({panel, onClose}) {
  const {metric, view, store} = panel.model, own = view.charts[metric] ?? {};
  const [x, setX] = useState(own.x ?? SAME), [line, setLine] = useState(own.line ?? SAME);
  const [kind, setKind] = useState(own.smoothing?.kind ?? SAME), [amount, setAmount] = useState(own.smoothing?.amount ?? 0.6);
  const [low, setLow] = useState(own.yRange?.[0] ?? ""), [high, setHigh] = useState(own.yRange?.[1] ?? "");
  const [lines, setLines] = useState(formatMarks(own.lines ?? [])), [notes, setNotes] = useState((own.notes ?? []).map(([at, text]) => `${at} ${text}`).join("\n"));
  const marks = parseMarks(lines), given = parseNotes(notes), range = yRangeOf(low, high);
  const error = marks.error ?? given.error ?? range.error;
  const save = (event) => {
    event.preventDefault();
    if (error) return;
    panel.change({x: x === SAME ? undefined : x, line: line === SAME ? undefined : line, smoothing: kind === SAME ? undefined : {kind, amount: Number(amount) || 0}, yRange: range.value,
      lines: marks.value.length ? marks.value : undefined, notes: given.value.length ? given.value : undefined, ...(x === (own.x ?? SAME) ? {} : {range: undefined})});
    onClose();
  };
  const choose = (label, value, set, options) => html`<label class="field"><span>${label}</span><select class="select" onChange=${(event) => set(event.target.value)}>
    ${[[SAME, strings.chart.sameAsWorkspace], ...options].map(([key, name]) => html`<option key=${key} value=${key} selected=${key === value}>${name}</option>`)}</select></label>`;
  const field = (label, value, set, hint) => html`<label class="field"><span>${label}</span><input class="input" inputmode="decimal" value=${value} placeholder=${hint} onInput=${(event) => set(event.target.value)}/></label>`;
  return html`<${Dialog} title=${strings.chart.settingsOf({title: panel.model.title ?? metric})} onClose=${onClose} className="chart-settings"><form onSubmit=${save}>
    <div class="field-grid">${choose(strings.axes.title, x, setX, [...AXES, ...derivedChoices([...store.runs.values()].slice(0, LOOKED_AT), store.metrics), ...store.metrics.slice(0, 200).map(({name}) => [`metric:${name}`, name])])}
      ${choose(strings.chart.line, line, setLine, [["mean", strings.chart.meanOfBucket], ["last", strings.chart.lastOfBucket]])}
      ${choose(strings.smoothing.title, kind, setKind, KINDS)}${kind === SAME ? html`<span></span>` : field(strings.smoothing.amount, amount, setAmount, "0.6")}
      ${field(strings.chart.yFrom, low, setLow, strings.chart.automatic)}${field(strings.chart.yTo, high, setHigh, strings.chart.automatic)}</div>
    <label class="field"><span>${strings.marks.lines}</span><textarea class="input mono" rows="3" placeholder=${strings.marks.linesExample} value=${lines} onInput=${(event) => setLines(event.target.value)}></textarea></label>
    <label class="field"><span>${strings.marks.notes}</span><textarea class="input mono" rows="3" placeholder=${strings.marks.notesExample} value=${notes} onInput=${(event) => setNotes(event.target.value)}></textarea></label>
    <p class="error-text small" role="status">${error ?? ""}</p>
    <p class="row"><button type="submit" class="button primary" disabled=${Boolean(error)}>${strings.common.apply}</button><button type="button" class="button" onClick=${onClose}>${strings.common.cancel}</button></p></form></${Dialog}>`;
}

/** @returns {{value?: [number, number], error?: string}} no value for an automatic range */
function yRangeOf(low, high) {
  if (String(low).trim() === "" && String(high).trim() === "") return {};
  const range = /** @type {[number, number]} */ ([Number(low), Number(high)]);
  if (String(low).trim() === "" || String(high).trim() === "" || !range.every(Number.isFinite) || range[0] >= range[1]) return {error: strings.chart.yRangeError};
  return {value: range};
}

/** `1200 learning rate halved`, one on each line. */
function parseNotes(text) {
  const value = [];
  for (const line of text.split("\n").filter((each) => each.trim())) {
    const found = /^\s*(-?[\d.]+(?:e[+-]?\d+)?)\s+(.+)$/i.exec(line);
    if (!found) return {value: [], error: strings.marks.noteUnreadable({line: line.trim()})};
    value.push([Number(found[1]), found[2].trim()]);
  }
  return {value};
}
