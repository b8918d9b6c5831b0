/**
 * Tells when the page's colours may have changed: the system's scheme, forced colours, or an attribute of the root.
 * @module
 */

/** @param {() => void} changed  @param {AbortSignal} signal ends it */
export function watchTheme(changed, signal) {
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", changed, {signal});
  }
  const watch = new MutationObserver(changed);
  watch.observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme", "class", "style"]});
  signal.addEventListener("abort", () => watch.disconnect());
}
