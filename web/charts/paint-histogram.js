/**
 * The four pictures of histograms over steps: heatmap, ridgelines, quantile bands, overlay.
 * @module
 * @typedef {import("./paint-envelope.js").View} View  @typedef {import("./histogram-model.js").Slice} Slice
 */
import {densities, QUANTILES, quantile, stepEdges, thin} from "./histogram-model.js";
import {viridis, withAlpha} from "./colors.js";

/** Ridgelines drawn at most. */
export const RIDGES = 60;
const SHADES = 256;

/** Viridis for `0…1`; on light ground reversed and fading into it, so that little is pale and the eye goes to the mass. */
export function shade(t, dark) {
  if (dark) return viridis(0.06 + 0.94 * t);
  const weight = Math.min(1, 0.14 + 2.2 * t);
  return viridis(0.97 - 0.97 * t).map((c) => Math.round(255 + (c - 255) * weight));
}

/** A count's place between nothing and the peak. */
export const level = (density, peak, log) => (peak <= 0 ? 0 : log ? Math.log1p((density / peak) * 999) / Math.log(1000) : density / peak);

/** Step × value; the shade is the density. @param {Slice[]} slices @param {View} view x are steps, y values */
export function paintHeatmap(context, slices, view, {dark, log}) {
  const image = new ImageData(view.width, view.height);
  const out = new Uint32Array(image.data.buffer), table = shades(dark);
  const peak = slices.reduce((most, slice) => Math.max(most, slice.peak), 0);
  const edges = stepEdges(slices), kx = view.width / (view.x1 - view.x0);
  slices.forEach((slice, i) => {
    const from = Math.max(0, Math.round((edges[i] - view.x0) * kx)), to = Math.min(view.width, Math.max(Math.round((edges[i + 1] - view.x0) * kx), from + 1));
    if (from >= to) return;
    const column = densities(slice, view.y0, view.y1, view.height);
    for (let y = 0; y < view.height; y++) {
      const density = column[view.height - 1 - y];
      if (density <= 0) continue;
      out.fill(table[Math.max(1, Math.round(level(density, peak, log) * (SHADES - 1)))], y * view.width + from, y * view.width + to);
    }
  });
  context.putImageData(image, 0, 0);
}

function shades(dark) {
  return Uint32Array.from({length: SHADES}, (_, i) => {
    const [r, g, b] = shade(i / (SHADES - 1), dark);
    return (255 << 24) | (b << 16) | (g << 8) | r;
  });
}

/** Value × step, each slice a small hill at its step, later ones behind. @param {View} view x are values, y steps upwards */
export function paintRidges(context, slices, view, {color, bg, selected}) {
  context.clearRect(0, 0, view.width, view.height);
  const shown = thin(slices, Math.max(2, Math.min(RIDGES, Math.floor(view.height / view.ratio / 5))));
  const peak = shown.reduce((most, slice) => Math.max(most, slice.peak), 0);
  const height = Math.min(view.height * 0.45, Math.max(18 * view.ratio, (view.height / Math.max(1, shown.length)) * 5));
  for (const slice of [...shown].reverse()) {
    const base = ((view.y1 - slice.step) / (view.y1 - view.y0)) * view.height;
    hill(context, slice, view, base, peak > 0 ? height / peak : 0);
    context.globalAlpha = 0.88;
    context.fillStyle = bg;
    context.fill();
    context.globalAlpha = 1;
    context.fillStyle = withAlpha(color, selected === slice ? 0.55 : 0.2);
    context.fill();
    context.strokeStyle = color;
    context.lineWidth = (selected === slice ? 2 : 1) * view.ratio;
    context.stroke();
  }
}

/** The outline through the middles of the bins, which reads better than stairs where many lie on each other. */
function hill(context, {edges, counts}, view, base, scale) {
  const kx = view.width / (view.x1 - view.x0);
  context.beginPath();
  context.moveTo((edges[0] - view.x0) * kx, base);
  for (let i = 0; i < counts.length; i++) {
    const width = edges[i + 1] - edges[i];
    context.lineTo(((edges[i] + edges[i + 1]) / 2 - view.x0) * kx, base - (width > 0 ? (counts[i] / width) * scale : 0));
  }
  context.lineTo((edges[edges.length - 1] - view.x0) * kx, base);
}

function ridge(context, {edges, counts}, view, base, scale) {
  const kx = view.width / (view.x1 - view.x0);
  context.beginPath();
  context.moveTo((edges[0] - view.x0) * kx, base);
  for (let i = 0; i < counts.length; i++) {
    const width = edges[i + 1] - edges[i];
    const y = base - (width > 0 ? (counts[i] / width) * scale : 0);
    context.lineTo((edges[i] - view.x0) * kx, y);
    context.lineTo((edges[i + 1] - view.x0) * kx, y);
  }
  context.lineTo((edges[edges.length - 1] - view.x0) * kx, base);
}

/** Step × value: bands min–max, 5–95 %, 25–75 % and the median, for one or several runs. @param {{slices: Slice[], color: string}[]} runs */
export function paintBands(context, runs, view) {
  context.clearRect(0, 0, view.width, view.height);
  const kx = view.width / (view.x1 - view.x0), ky = view.height / (view.y1 - view.y0);
  const at = (slice, q) => [(slice.step - view.x0) * kx, (view.y1 - quantile(slice, q)) * ky];
  // Of several runs each is fainter, so that those below are seen.
  const share = 1 / Math.sqrt(runs.length);
  for (const {slices, color} of runs) {
    const whole = slices.filter(({counts}) => counts.some((c) => c > 0));
    QUANTILES.forEach(([low, high], i) => {
      context.beginPath();
      for (const slice of whole) context.lineTo(...at(slice, high));
      for (const slice of [...whole].reverse()) context.lineTo(...at(slice, low));
      context.fillStyle = withAlpha(color, [0.12, 0.18, 0.28][i] * share);
      context.fill();
    });
    context.beginPath();
    for (const slice of whole) context.lineTo(...at(slice, 0.5));
    context.strokeStyle = color;
    context.lineWidth = 1.5 * view.ratio;
    context.stroke();
  }
}

/** Value × density: all slices as outlines, early to late in viridis, the selected one filled. @param {View} view y is density, 0 at the bottom */
export function paintOverlay(context, slices, view, {dark, selected, text}) {
  context.clearRect(0, 0, view.width, view.height);
  const shown = thin(slices, RIDGES), ky = view.height / (view.y1 - view.y0);
  shown.forEach((slice, i) => {
    ridge(context, slice, view, view.height + view.y0 * ky, ky);
    context.strokeStyle = `rgb(${shade(shown.length > 1 ? i / (shown.length - 1) : 1, dark).join(" ")})`;
    context.globalAlpha = 0.7;
    context.lineWidth = view.ratio;
    context.stroke();
  });
  context.globalAlpha = 1;
  if (!selected) return;
  ridge(context, selected, view, view.height + view.y0 * ky, ky);
  context.fillStyle = withAlpha(text, 0.14);
  context.fill();
  context.strokeStyle = text;
  context.lineWidth = 1.8 * view.ratio;
  context.stroke();
}
