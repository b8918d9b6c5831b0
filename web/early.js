/**
 * Asks for a workspace's first data while the code of its page is still on its way. It imports nothing, so that it runs before all else.
 * @module
 */
/** What nobody took by then would be old news. */
const FRESH_MS = 10_000;
const prefix = new URL(".", import.meta.url).pathname;
const told = globalThis.document?.documentElement.dataset ?? {};
/** Whether the server let this browser in when it sent the page. If not, the page asks who it is before all else. */
export const isLetIn = told.session === "open";
/** What changing requests of a signed-in browser repeat. @type {string|null} */
export const firstCSRFToken = told.csrf ?? null;

/** Answers by path below the API, each for one taker. @type {Map<string, Promise<Response>>} */
const asked = new Map();

/**
 * What was asked for already, once; `undefined` if it was not.
 * @param {string} path  @returns {Promise<Response>|undefined}
 */
export function takeEarly(path) {
  const answer = asked.get(path);
  asked.delete(path);
  return performance.now() < FRESH_MS ? answer : undefined;
}

/**
 * The paths that a workspace opens with, as its store writes them; none for other pages.
 * @param {string} pathname below the prefix  @param {string} search @returns {string[]}
 */
export function firstPaths(pathname, search) {
  const [, name] = /^p\/([^/]+)\/?$/.exec(pathname) ?? [];
  if (!name) return [];
  const view = new URLSearchParams(search), runs = new URLSearchParams();
  if (view.get("q")) runs.set("filter", view.get("q"));
  runs.set("sort", view.get("sort") || "-createdAt");
  runs.set("limit", "100");
  const project = `/projects/${encodeURIComponent(decodeURIComponent(name))}`;
  return [`${project}/runs?${runs}`, `${project}/metrics`, ...(search ? [] : [`${project}/views`])];
}

function begin() {
  // Who must sign in first would only be refused.
  if (!isLetIn || !location.pathname.startsWith(prefix)) return;
  for (const path of firstPaths(location.pathname.slice(prefix.length), location.search)) {
    const answer = fetch(`${prefix}api/v1${path}`, {headers: {Accept: "application/json"}, credentials: "same-origin"});
    answer.catch(() => {});                                      // who takes it hears of it
    asked.set(path, answer);
  }
}

if (globalThis.location) try { begin(); } catch { /* an address that is none: the page says so */ }
