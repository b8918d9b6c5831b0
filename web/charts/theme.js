/**
 * The page's colours as canvas needs them: read from custom properties, with the system's own under forced colours.
 * @module
 * @typedef {{dark: boolean, forced: boolean, bg: string, surface: string, text: string, muted: string, border: string, link: string,
 *   ok: string, warn: string, error: string, grid: string}} Theme
 */
import {parseColor} from "./colors.js";

/** The two themes as they are without a page around, for exports. @type {Record<string, Theme>} */
export const THEMES = {
  light: {dark: false, forced: false, bg: "#ffffff", surface: "#f5f6f8", text: "#1a1d23", muted: "#56606e", border: "#7d8694",
    link: "#0b57d0", ok: "#0f7b3f", warn: "#8a5a00", error: "#b3261e", grid: "#e7e9ed"},
  dark: {dark: true, forced: false, bg: "#14171c", surface: "#1c2027", text: "#e7e9ee", muted: "#a2abb9", border: "#717b8a",
    link: "#8ab4ff", ok: "#63d08d", warn: "#f0b429", error: "#ff8a80", grid: "#2b313b"},
};

/** What was read: the charts of a page share its colours, and each reading would settle the styles of all that was just built. @type {Theme|null} */
let known = null;

/** The page's colours may be others now. */
export function forgetTheme() { known = null; }

/** The page's colours. @param {Element} element any that has them @returns {Theme} */
export const pageTheme = (element) => (known ??= readTheme(element));

/** @param {Element} element whose custom properties count @returns {Theme} */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const bg = style.getPropertyValue("--bg").trim();
  const dark = bg ? luminance(parseColor(bg)) < 0.4 : matchMedia("(prefers-color-scheme: dark)").matches;
  const base = THEMES[dark ? "dark" : "light"];
  const theme = {...base};
  for (const name of ["bg", "surface", "text", "muted", "border", "link", "ok", "warn", "error"]) {
    theme[name] = style.getPropertyValue(`--${name}`).trim() || base[name];
  }
  theme.grid = style.getPropertyValue("--grid").trim() || base.grid;
  return matchMedia("(forced-colors: active)").matches ? forced(theme) : theme;
}

function forced(theme) {
  return {...theme, forced: true, bg: "Canvas", surface: "Canvas", text: "CanvasText", muted: "CanvasText", border: "CanvasText",
    link: "LinkText", ok: "CanvasText", warn: "CanvasText", error: "CanvasText", grid: "transparent"};
}

const luminance = ([r, g, b]) => (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
