/**
 * Colours of runs: the same for everybody, on every page. Palette by number, then line style.
 * @module
 */

/** Sixteen hues for each theme, the same hue at the same place; ≥ 3:1 on their background. */
export const PALETTE = {
  light: ["#0d3cc0", "#7e9500", "#c20c67", "#3d4900", "#3692ca", "#9d580c", "#9051e1", "#67235a",
    "#c68196", "#7d5c92", "#fe5828", "#294072", "#2b6c48", "#852e2e", "#541791", "#92179e"],
  dark: ["#396be1", "#c6de74", "#f05b93", "#6e7c43", "#79c7fc", "#dd9a62", "#ac77fa", "#9b5a8c",
    "#ffbbcf", "#bc9cd0", "#cb3906", "#6d86b8", "#80bb95", "#bf6b66", "#8459c4", "#e37ced"],
};

/** Line styles in pixels: solid, dashed, dotted, dash-dot. */
export const DASHES = [[], [7, 4], [2, 3], [8, 3, 2, 3]];

/** The colour of run number `n` (0, 1, …). @param {"light"|"dark"} theme */
export const runColor = (n, theme) => PALETTE[theme][((n % 16) + 16) % 16];

/** The line style of run number `n`: it changes after each sixteen colours. @returns {number} 0…3 */
export const runDash = (n) => (((n >> 4) % 4) + 4) % 4;

/** `color` in `theme`: palette colours are exchanged, own colours stay. Numbers are run numbers. */
export function colorIn(color, theme) {
  if (typeof color === "number") return runColor(color, theme);
  const other = theme === "dark" ? PALETTE.light : PALETTE.dark;
  const place = other.indexOf(String(color).toLowerCase());
  return place >= 0 ? PALETTE[theme][place] : color;
}

/** `[red, green, blue]`, 0…255, of `#rgb`, `#rrggbb` or `rgb(…)`; grey for what is not understood. */
export function parseColor(text) {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(String(text).trim());
  if (hex) {
    const full = hex[1].length === 3 ? [...hex[1]].map((c) => c + c).join("") : hex[1];
    return [0, 2, 4].map((i) => parseInt(full.slice(i, i + 2), 16));
  }
  const parts = /^rgba?\(([^)]+)\)$/i.exec(String(text).trim());
  return parts ? parts[1].split(/[ ,/]+/).slice(0, 3).map(Number) : [128, 128, 128];
}

/** `color` with an opacity, as `rgba(…)`. */
export const withAlpha = (color, alpha) => `rgba(${parseColor(color).join(", ")}, ${alpha})`;

// Viridis by Stéfan van der Walt and Nathaniel Smith (2015), sampled at ninths; between them linear, within 3/255 of the original.
const VIRIDIS = [[68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142], [31, 158, 137], [53, 183, 121],
  [109, 205, 89], [180, 222, 44], [253, 231, 37]];

/** Viridis at `t` in 0…1, as `[red, green, blue]`. */
export function viridis(t) {
  const place = Math.min(1, Math.max(0, t)) * (VIRIDIS.length - 1);
  const i = Math.min(VIRIDIS.length - 2, Math.floor(place));
  return VIRIDIS[i].map((c, k) => Math.round(c + (VIRIDIS[i + 1][k] - c) * (place - i)));
}

/** Viridis at `t` as `#rrggbb`. */
export const viridisHex = (t) => `#${viridis(t).map((c) => c.toString(16).padStart(2, "0")).join("")}`;

/**
 * The most distinct palette places for `count` ≤ 16 runs, best first: each next is the farthest in OKLab from all before it.
 * @returns {number[]} places of the palette
 */
export function spreadColors(count, theme = "light") {
  const labs = PALETTE[theme].map((c) => oklab(parseColor(c)));
  const chosen = [0];
  while (chosen.length < Math.min(count, 16)) {
    const rest = labs.map((_, i) => i).filter((i) => !chosen.includes(i));
    const room = (i) => Math.min(...chosen.map((j) => Math.hypot(...labs[i].map((v, k) => v - labs[j][k]))));
    chosen.push(rest.reduce((best, i) => (room(i) > room(best) ? i : best)));
  }
  return chosen;
}

/** OKLab of an sRGB colour. Source: Björn Ottosson, *A perceptual color space for image processing* (2020). */
export function oklab(rgb) {
  const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
}
