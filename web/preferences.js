/**
 * What a person chose for this browser: theme, density, clock, shortcuts. Kept in local storage; never keys.
 * @module
 */
import {useHalfDays} from "./charts/format.js";

const STORE = "track.preferences";
const DEFAULTS = {theme: "system", utc: false, halfDays: false, density: "roomy", shortcuts: true, highlight: true, sidebar: 300, sidebarHidden: false};
const listeners = new Set();
let values = {...DEFAULTS, ...read()};

function read() {
  try { return JSON.parse(localStorage.getItem(STORE)) ?? {}; } catch { return {}; }
}

export const preference = (name) => values[name];

/** Changes one preference; everybody who listens draws again. */
export function prefer(name, value) {
  values = {...values, [name]: value};
  try { localStorage.setItem(STORE, JSON.stringify(values)); } catch { /* private mode: for this page only */ }
  apply();
  for (const listener of [...listeners]) listener(name);
}

export function onPreference(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const darkQuery = globalThis.matchMedia?.("(prefers-color-scheme: dark)");

let paper = false;
/** Paper is light, whatever the screen is. */
export function setPaper(on) {
  paper = on;
  apply();
  for (const listener of [...listeners]) listener("theme");
}
/** Whether the page is dressed for paper. */
export const onPaper = () => paper;

/** The theme on the screen, or on paper. @returns {"light"|"dark"} */
export const themeNow = () => (paper ? "light" : values.theme === "system" ? (darkQuery?.matches ? "dark" : "light") : values.theme);

/** Puts theme and density on <html>. */
export function apply() {
  const {dataset} = document.documentElement;
  dataset.theme = themeNow();
  dataset.density = values.density;
  useHalfDays(values.halfDays);
}

darkQuery?.addEventListener("change", () => { apply(); for (const listener of [...listeners]) listener("theme"); });
