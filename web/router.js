/**
 * Addresses: history paths under the prefix at which the page itself was served.
 * @module
 */

/** The path prefix, with a slash at its end: where this module lies. */
export const PREFIX = new URL(".", import.meta.url).pathname;

const listeners = new Set();

/** The path below the prefix, as decoded parts. @returns {string[]} */
export function pathParts(pathname = location.pathname) {
  const below = pathname.startsWith(PREFIX) ? pathname.slice(PREFIX.length) : pathname.slice(1);
  return below.split("/").filter(Boolean).map(decodePart);
}

function decodePart(part) {
  try { return decodeURIComponent(part); } catch { return part; }
}

/** An address in this app. @param {string[]} parts @param {string} search with its question mark, or empty */
export const address = (parts, search = "") => PREFIX + parts.map(encodeURIComponent).join("/") + search;

/** Goes to an address of this app without loading the page again. */
export function go(href, {replace = false} = {}) {
  if (href === location.pathname + location.search + location.hash) return;
  history[replace ? "replaceState" : "pushState"](null, "", href);
  notify();
}

/** Changes only the query of the current address; the page is not told, because it made the change. */
export function setSearch(search, {push = false} = {}) {
  if (search === location.search) return;
  history[push ? "pushState" : "replaceState"](null, "", location.pathname + search + location.hash);
}

/** Calls `listener` after each change of address. @returns {() => void} ends it */
export function onNavigate(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function notify() { for (const listener of [...listeners]) listener(); }

/** Starts to handle clicks on links of this app and the browser's back and forward. */
export function startRouter() {
  addEventListener("popstate", notify);
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = /** @type {HTMLAnchorElement|undefined} */ (event.composedPath().find((node) => node instanceof HTMLAnchorElement));
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (!link.pathname.startsWith(PREFIX) || link.pathname.startsWith(`${PREFIX}api/`)) return;
    if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
    event.preventDefault();
    go(link.pathname + link.search + link.hash);
    scrollTo(0, 0);
  });
}
