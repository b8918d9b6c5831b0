/**
 * Tells when the page's colours may have changed: the system's scheme, forced colours, or an attribute of the root; or the size of its pixels.
 * @module
 */
import {forgetTheme} from "./theme.js";

/** One watch for all charts of the page. @type {EventTarget|null} */
let watch = null;

function begin() {
  const made = new EventTarget(), tell = () => { forgetTheme(); made.dispatchEvent(new Event("change")); };
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) matchMedia(query).addEventListener("change", tell);
  new MutationObserver(tell).observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme", "class", "style"]});
  followRatio(tell);
  return made;
}

/** A window that moves to a screen with other pixels is drawn anew. */
function followRatio(tell) {
  matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", () => { followRatio(tell); tell(); }, {once: true});
}

/** @param {() => void} changed  @param {AbortSignal} signal ends it */
export function watchTheme(changed, signal) {
  watch ??= begin();
  watch.addEventListener("change", changed, {signal});
}
