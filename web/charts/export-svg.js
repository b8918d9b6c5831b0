/**
 * A chart as a stand-alone SVG: title, axes, bands, lines, marks, legend. No DOM but for rasterising.
 * @module
 */
import * as strings from "../strings.js";
import {colorIn, DASHES} from "./colors.js";
import {edgeMarks} from "./paint-marks.js";
import {hasMarkers, linePath} from "./paint-lines.js";
import {BAND_OPACITY} from "./paint-envelope.js";
import {visibleIndices} from "./extent.js";
import {unitOf} from "./chart-notes.js";
import {axisName} from "./reading.js";
import {placesOf} from "./trace.js";

const FONT = "system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
const LEGEND_LIMIT = 8;
/** Opacity of lines behind others. */
const FAINT = 0.32;

/** @param {import("./chart-model.js").ChartModel} model  @param {object} options  @param {import("./theme.js").Theme} theme */
export function exportSVG(model, options, theme, {width, height}) {
  const count = model.traces.length;
  const area = {left: 56, top: options.title ? 30 : 10, right: 12, bottom: 36 + (count > 1 ? 20 : 0)};
  const view = model.view(Math.max(10, width - area.left - area.right), Math.max(10, height - area.top - area.bottom), 1);
  const name = options.title ?? strings.chart.untitled, mode = theme.dark ? "dark" : "light";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" font-size="11">`,
    `<title>${escape(name)}</title><rect width="100%" height="100%" fill="${theme.bg}"/>`,
    options.title ? `<text x="12" y="20" font-size="14" font-weight="600" fill="${theme.text}">${escape([options.title, unitOf(options)].filter(Boolean).join(" · "))}</text>` : "",
    `<clipPath id="plot"><rect width="${view.width}" height="${view.height}"/></clipPath><g transform="translate(${area.left} ${area.top})">`,
    axes(model, options, theme, view),
    `<g clip-path="url(#plot)" fill="none">`,
    events(model, options, theme, view),
    ...model.traces.map((trace) => band(model, trace, view, colorIn(trace.source.color ?? theme.text, mode))),
    ...model.traces.map((trace) => lines(model, trace, view, colorIn(trace.source.color ?? theme.text, mode), count)),
    `</g></g>`,
    count > 1 ? legend(model.told, theme, mode, area.left, height - 10, width) : "",
    `</svg>`,
  ].join("\n");
}

function axes(model, options, theme, view) {
  const at = (place, low, high, size) => ((place - low) / (high - low)) * size;
  const xs = model.xTicks(view.width / 64), ys = model.yTicks(view.height / 34);
  const parts = [];
  xs.places.forEach((place, i) => {
    const x = fixed(at(place, view.x0, view.x1, view.width));
    parts.push(`<path d="M${x} 0V${view.height}" stroke="${theme.grid}"/><text x="${x}" y="${view.height + 15}" text-anchor="middle" fill="${theme.muted}">${escape(xs.labels[i])}</text>`);
  });
  ys.places.forEach((place, i) => {
    const y = fixed(view.height - at(place, view.y0, view.y1, view.height));
    parts.push(`<path d="M0 ${y}H${view.width}" stroke="${theme.grid}"/><text x="-6" y="${y + 4}" text-anchor="end" fill="${theme.muted}">${escape(ys.labels[i])}</text>`);
  });
  parts.push(`<text x="${view.width}" y="${view.height + 29}" text-anchor="end" fill="${theme.muted}">${escape([axisName(options.x), options.xRule].filter(Boolean).join(" = "))}</text>`);
  return parts.join("");
}

/** Collects path commands as text. */
class TextPath {
  d = "";
  moveTo(x, y) { this.d += `M${fixed(x)} ${fixed(y)}`; }
  lineTo(x, y) { this.d += `L${fixed(x)} ${fixed(y)}`; }
}

function band(model, trace, view, color) {
  if (!trace.banded) return "";
  const places = placesOf(trace, model.xScale, model.yScale);
  const kx = view.width / (view.x1 - view.x0), ky = view.height / (view.y1 - view.y0);
  const [from, to] = visibleIndices(trace, view.low, view.high);
  let top = "", bottom = "", d = "";
  const y = (place) => fixed(Math.max(-1e4, Math.min(1e4, (view.y1 - place) * ky)));
  const close = () => { if (top) d += `M${top.slice(1)}${bottom}Z`; top = bottom = ""; };
  for (let i = Math.max(0, from - 1); i < Math.min(trace.data.bucketCount, to + 1); i++) {
    if (!(places.high[i] >= places.low[i])) { close(); continue; }
    const [a, b] = [fixed((places.x0[i] - view.x0) * kx), fixed((places.x1[i] - view.x0) * kx + (places.x0[i] === places.x1[i] ? 0.5 : 0))];
    top += `L${a} ${y(places.high[i])}L${b} ${y(places.high[i])}`;
    bottom = `L${b} ${y(places.low[i])}L${a} ${y(places.low[i])}${bottom}`;
    if (trace.gap[i]) close();
  }
  close();
  return `<path d="${d}" fill="${color}" fill-opacity="${BAND_OPACITY}"/>`;
}

function lines(model, trace, view, color, count) {
  const places = placesOf(trace, model.xScale, model.yScale);
  const dash = (DASHES[trace.source.dash ?? 0] ?? []).join(" ");
  const stroke = (ys, opacity) => {
    const path = new TextPath();
    const alone = linePath(path, trace, places.x, ys, view);
    const dots = [];
    for (let i = 0; i < alone.length; i += 2) dots.push(`<circle cx="${fixed(alone[i])}" cy="${fixed(alone[i + 1])}" r="2" fill="${color}"/>`);
    return `<path d="${path.d}" stroke="${color}" stroke-width="${count > 40 ? 1 : 1.5}" stroke-opacity="${opacity}"${dash ? ` stroke-dasharray="${dash}"` : ""}/>${dots.join("")}`;
  };
  if (trace.source.member) return stroke(places.y, FAINT);
  return (places.faint ? stroke(places.faint, FAINT) : "") + stroke(places.y, 1) + markers(trace, places, view, color) + marks(model, trace, places, view, color);
}

function markers(trace, places, view, color) {
  if (!hasMarkers(trace, view)) return "";
  const [from, to] = visibleIndices(trace, view.low, view.high);
  const kx = view.width / (view.x1 - view.x0), ky = view.height / (view.y1 - view.y0);
  let text = "";
  for (let i = from; i < to; i++) {
    if (Number.isFinite(places.y[i])) text += `<circle cx="${fixed((places.x[i] - view.x0) * kx)}" cy="${fixed((view.y1 - places.y[i]) * ky)}" r="2.5" fill="${color}"/>`;
  }
  return text;
}

const SIGNS = {nan: "✕", positive: "▲", negative: "▼", above: "▴", below: "▾"};

function marks(model, trace, places, view, color) {
  return edgeMarks(trace, places, view, model.outliers !== null).map(({kind, x}) => {
    const top = kind === "positive" || kind === "above";
    return `<text x="${fixed(x)}" y="${top ? 10 : view.height - 2}" text-anchor="middle" fill="${color}">${SIGNS[kind]}</text>`;
  }).join("");
}

function events(model, options, theme, view) {
  return (options.events ?? []).map(({step, title}) => {
    const x = fixed(((model.xScale.forward(step) - view.x0) / (view.x1 - view.x0)) * view.width);
    return x >= 0 && x <= view.width ? `<path d="M${x} 0V${view.height}" stroke="${theme.muted}" stroke-dasharray="4 4"><title>${escape(title ?? "")}</title></path>` : "";
  }).join("");
}

function legend(traces, theme, mode, left, y, width) {
  const room = Math.floor((width - left - 40) / Math.min(traces.length, LEGEND_LIMIT));
  const letters = Math.max(4, Math.floor((room - 30) / 6.2));
  const shown = traces.slice(0, LEGEND_LIMIT).map(({source}, i) => {
    const x = left + i * room, dash = (DASHES[source.dash ?? 0] ?? []).join(" ");
    const name = source.name.length > letters ? `${source.name.slice(0, Math.ceil(letters / 2) - 1)}…${source.name.slice(-Math.floor(letters / 2))}` : source.name;
    return `<path d="M${x} ${y - 4}h16" stroke="${colorIn(source.color ?? theme.text, mode)}" stroke-width="2"${dash ? ` stroke-dasharray="${dash}"` : ""}/><text x="${x + 20}" y="${y}" fill="${theme.text}">${escape(name)}</text>`;
  });
  if (traces.length > LEGEND_LIMIT) shown.push(`<text x="${width - 8}" y="${y}" text-anchor="end" fill="${theme.muted}">+${traces.length - LEGEND_LIMIT}</text>`);
  return shown.join("");
}

const fixed = (v) => Math.round(v * 10) / 10;
const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "");

/** Draws an SVG into a PNG of `scale` × its size. @returns {Promise<Blob>} */
export async function rasteriseSVG(svg, scale) {
  const url = URL.createObjectURL(new Blob([svg], {type: "image/svg+xml"}));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), {width: Math.round(image.width * scale), height: Math.round(image.height * scale)});
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(strings.chart.tooLarge))), "image/png"));
  } finally { URL.revokeObjectURL(url); }
}
