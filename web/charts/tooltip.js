/**
 * The tooltip of a line chart: rows of the nearest runs, placed where it hides neither pointer nor crosshair.
 * @module
 */
import * as strings from "../strings.js";
import {axisName, formatX} from "./reading.js";
import {formatClockTicks, formatStep, formatValue, plainValue} from "./format.js";

/** Rows shown; the others are counted. */
export const ROWS = 8;

/** All rows as tab-separated values, ASCII, all digits. */
export function rowsAsTSV(rows, xName) {
  const head = ["run", "name", "metric", xName, "value", "smoothed", "min", "max", "count"].join("\t");
  const lines = rows.map((r) => [r.run ?? "", r.name, r.metric, r.x0 === r.x1 ? r.x0 : `${r.x0}..${r.x1}`, plainValue(r.value),
    plainValue(r.smoothed), plainValue(r.low ?? r.value), plainValue(r.high ?? r.value), r.count].join("\t"));
  return [head, ...lines].join("\n");
}

/** Fills the tooltip. User text goes in as text only. */
export function fillTooltip(tip, rows, {xKind, x, colorOf, utc, several, group, events = []}) {
  const shown = rows.slice(0, ROWS);
  const columns = {smoothed: shown.some((r) => r.smoothed !== null), band: shown.some((r) => r.low !== null), runs: shown.some((r) => r.runs !== null)};
  const at = shown[0] && (x >= shown[0].x0 && x <= shown[0].x1 ? x : Math.abs(x - shown[0].x0) < Math.abs(x - shown[0].x1) ? shown[0].x0 : shown[0].x1);
  const head = make("header", `${axisName(xKind)} ${bucketText(shown[0], xKind, at ?? x, utc)}`);
  const table = make("table");
  table.append(headRow(columns, group));
  shown.forEach((row, i) => table.append(bodyRow(row, i, columns, colorOf, several)));
  tip.replaceChildren(head, table);
  for (const {kind, title} of events) tip.append(Object.assign(make("div", title ? `${kind}: ${title}` : kind), {className: "rest"}));
  if (rows.length > ROWS) tip.append(Object.assign(make("div", strings.chart.more({count: rows.length - ROWS})), {className: "rest"}));
}

function bucketText(row, kind, x, utc) {
  if (!row || row.x0 === row.x1) return formatX(kind, row ? row.x0 : x, {utc});
  if (kind === "wall") return `${formatX(kind, row.x0, {utc})} – ${formatClockTicks([row.x1, row.x1 + 1], {utc})[0]}`;
  return strings.chart.bucket({from: formatX(kind, row.x0, {utc}), to: formatX(kind, row.x1, {utc}), count: formatStep(row.count)});
}

function headRow({smoothed, band, runs}, group) {
  const row = make("tr");
  row.append(cell("th", "", "key"), cell("th", smoothed ? strings.chart.valueHead : ""));
  if (smoothed) row.append(cell("th", strings.statistics.smoothed));
  if (band) row.append(cell("th", group ? strings.chart.bandHead : strings.chart.minMaxHead));
  if (runs) row.append(cell("th", strings.statistics.runs));
  row.hidden = !(smoothed || band || runs);
  return row;
}

function bodyRow(row, i, {smoothed, band, runs}, colorOf, several) {
  const line = make("tr");
  if (i === 0) line.className = "nearest";
  const key = cell("td", "", "key");
  const swatch = make("span");
  swatch.className = `swatch d${typeof row.dash === "number" ? row.dash : 0}`;
  swatch.style.borderTopColor = colorOf(row);
  key.append(swatch, several ? `${row.name} · ${row.metric}` : row.name);
  const value = Number.isNaN(row.value) && row.words.length ? row.words.join(", ") : [formatValue(row.value), ...row.words].join(" · ");
  line.append(key, cell("td", value));
  if (smoothed) line.append(cell("td", formatValue(row.smoothed)));
  if (band) line.append(cell("td", row.low === null ? "" : `${formatValue(row.low)} – ${formatValue(row.high)}`, "band"));
  if (runs) line.append(cell("td", row.runs === null ? "" : `n ${row.runs}${row.runs < 3 ? " ⚠" : ""}`, "band"));
  return line;
}

/**
 * Where to put a box of `size` near a point so that it stays in the window and beside the crosshair.
 * @returns {{left: number, top: number}} CSS pixels of the window
 */
export function placeTooltip(point, size, window, gap = 14) {
  const right = point.x + gap, left = point.x - gap - size.width;
  const x = right + size.width <= window.width - 4 ? right : left >= 4 ? left : Math.max(4, window.width - size.width - 4);
  const beside = x === right || x === left;
  const y = beside ? point.y - size.height / 2 : point.y + gap + size.height <= window.height - 4 ? point.y + gap : point.y - gap - size.height;
  return {left: Math.round(x), top: Math.round(Math.max(4, Math.min(window.height - size.height - 4, y)))};
}

function make(name, text) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  return element;
}

function cell(name, text, className = "") {
  const element = make(name, text);
  if (className) element.className = className;
  return element;
}
