/** Logged texts and tables: fetched when they are shown, drawn as text. @module */
import {html, useEffect, useMemo, useState} from "../vendor/preact.js";
import {busy} from "../idle.js";
import {readTable, sortRows} from "../lib/media.js";
import {toCSV} from "../lib/csv.js";
import {download} from "../elements/chart-menu.js";
import {fileName} from "../lib/names.js";
import {formatBytes, formatStep, formatValue} from "../charts/format.js";
import * as strings from "../strings.js";
import {Icon} from "./parts.js";

const MOST_TEXT = 100_000, ROWS = 200;

/** What a file holds, read by `read`. @returns {{value: any, error: string|null}} */
function useFile(src, read) {
  const [file, setFile] = useState({value: null, error: null});
  useEffect(() => {
    const abort = new AbortController(), done = busy();
    fetch(src, {signal: abort.signal, credentials: "same-origin"}).then((response) => { if (!response.ok) throw new Error(strings.media.unreadable({status: response.status})); return read(response); })
      .then((value) => setFile({value, error: null}), (error) => { if (!abort.signal.aborted) setFile({value: null, error: error.message}); }).finally(done);
    return () => { abort.abort(); done(); };
  }, [src]);
  return file;
}

export function TextFile({src, size}) {
  const {value, error} = useFile(src, (response) => response.text());
  if (error) return html`<p class="error-text">${error}</p>`;
  return html`<pre class="media-text" tabindex="0">${value?.slice(0, MOST_TEXT) ?? ""}</pre>${value?.length > MOST_TEXT && html`<p class="small"><a href=${src} download>${strings.media.wholeText({size: formatBytes(size)})}</a></p>`}`;
}

export function TableFile({src, name}) {
  const {value, error} = useFile(src, async (response) => readTable(await response.json()));
  const [{column, down}, setSort] = useState({column: -1, down: false});
  const [shown, setShown] = useState(ROWS);
  const rows = useMemo(() => (value && column >= 0 ? sortRows(value.rows, column, down) : value?.rows ?? []), [value, column, down]);
  if (error) return html`<p class="error-text">${error}</p>`;
  if (!value) return html`<p class="muted">${strings.common.loadingNow}</p>`;
  const cell = (each) => (each === null || each === undefined ? html`<span class="muted">—</span>` : typeof each === "number" ? formatValue(each) : typeof each === "object" ? JSON.stringify(each) : String(each));
  const isNumeric = (i) => ["integer", "number"].includes(value.columns[i].type);
  return html`<div class="table-box media-table" tabindex="0" role="region" aria-label=${strings.media.tableName({name})}><table class="table"><thead><tr>${value.columns.map((each, i) => html`<th key=${i} scope="col" class=${isNumeric(i) ? "number" : ""} aria-sort=${i === column ? (down ? "descending" : "ascending") : "none"}>
      <button type="button" class="link-button" onClick=${() => setSort(i === column ? {column: i, down: !down} : {column: i, down: isNumeric(i)})}>${each.name}${i === column ? (down ? " ↓" : " ↑") : ""}</button></th>`)}</tr></thead>
    <tbody>${rows.slice(0, shown).map((row, r) => html`<tr key=${r}>${row.map((each, i) => html`<td key=${i} class=${isNumeric(i) ? "number" : ""} title=${typeof each === "number" ? String(each) : undefined}>${cell(each)}</td>`)}</tr>`)}</tbody></table></div>
    <p class="row small"><span class="muted">${strings.media.rows({shown: formatStep(Math.min(shown, rows.length)), all: formatStep(rows.length)})}</span>${rows.length > shown && html`<button type="button" class="link-button" onClick=${() => setShown(shown + 5 * ROWS)}>${strings.media.more}</button>`}<span class="spring"></span>
      <button type="button" class="button small" onClick=${() => download(`${fileName([name])}.csv`, new Blob([toCSV([value.columns.map((each) => each.name), ...rows.map((row) => row.map((each) => (each !== null && typeof each === "object" ? JSON.stringify(each) : each)))])], {type: "text/csv"}))}><${Icon} name="download"/>${strings.common.csv}</button></p>`;
}
