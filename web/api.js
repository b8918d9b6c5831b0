/**
 * The server's HTTP API: one function for a request, retries, and errors in plain words.
 * @module
 */
import {firstCSRFToken, takeEarly} from "./early.js";
import {PREFIX} from "./router.js";
import {busy} from "./idle.js";
import * as strings from "./strings.js";

const RETRY_MS = [1000, 2000, 4000, 8000];
const RETRIED = new Set([408, 429, 502, 503, 504]);

/** A refused or failed request: what happened, in the server's words where it gave any. */
export class APIError extends Error {
  /** @param {number} status 0 when no answer came */
  constructor(status, code, message, {requestId = null, details = {}} = {}) {
    super(message);
    Object.assign(this, {status, code, requestId, details});
  }
}

let csrfToken = firstCSRFToken;
const signedOut = new Set();
const reachability = new Set();
let reachable = true;

/** Calls `listener` when the server wants a key. */
export const onSignedOut = (listener) => { signedOut.add(listener); return () => signedOut.delete(listener); };
/** Calls `listener(true|false)` when the server starts or ceases to answer. */
export const onReachable = (listener) => { reachability.add(listener); return () => reachability.delete(listener); };
/** Tells everybody whether the server answers. */
export function setReachable(now) {
  if (now === reachable) return;
  reachable = now;
  for (const listener of reachability) listener(now);
}
export const isReachable = () => reachable;

/**
 * Sends a request and answers the parsed body. Reading requests are repeated after 1, 2, 4 and 8 s, at most four times.
 * @param {string} path below /api/v1, with a slash in front
 * @param {{method?: string, body?: any, accept?: string, signal?: AbortSignal, retry?: boolean, quiet?: boolean}} options
 * @throws {APIError}
 */
export async function request(path, options = {}) {
  const {method = "GET", retry = method === "GET" || path === "/series/query"} = options;
  const done = options.quiet ? () => {} : busy();
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        return await once(path, {...options, method});
      } catch (error) {
        const again = retry && attempt < RETRY_MS.length && (error.status === 0 || RETRIED.has(error.status));
        if (!again || options.signal?.aborted) throw error;
        await pause(error.details?.retryAfterMS ?? RETRY_MS[attempt], options.signal);
      }
    }
  } finally { done(); }
}

/** @param {string} path  @param {{method: string, body?: any, accept?: string, signal?: AbortSignal}} how */
async function once(path, how) {
  const {method, body, accept = "application/json", signal} = how;
  const headers = {Accept: accept};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && csrfToken) headers["X-CSRF-Token"] = csrfToken;
  let response;
  try {
    response = await ((method === "GET" && takeEarly(path)) || fetch(`${PREFIX}api/v1${path}`, {method, headers, signal, keepalive: method === "DELETE", credentials: "same-origin", body: body === undefined ? undefined : JSON.stringify(body)}));
  } catch (error) {
    if (error.name === "AbortError") throw error;
    setReachable(false);
    throw new APIError(0, "unreachable", strings.server.noAnswer);
  }
  if (![502, 503, 504].includes(response.status)) setReachable(true);
  if (!response.ok) throw await refusal(response);
  if (response.status === 204) return null;
  const type = response.headers.get("Content-Type") ?? "";
  return type.includes("json") ? response.json() : response.arrayBuffer();
}

async function refusal(response) {
  let error = null;
  try { error = (await response.json()).error; } catch { /* not our server's words */ }
  const after = Number(response.headers.get("Retry-After"));
  const details = {...(error?.details ?? {}), ...(after ? {retryAfterMS: after * 1000} : {})};
  if (response.status === 401) for (const listener of signedOut) listener();
  return new APIError(response.status, error?.code ?? `http_${response.status}`, error?.message ?? strings.server.answered({status: response.status}),
    {requestId: error?.requestId ?? response.headers.get("X-Request-ID"), details});
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => { clearTimeout(timer); reject(signal.reason); };
    const timer = setTimeout(() => { signal?.removeEventListener("abort", stop); resolve(); }, ms);
    signal?.addEventListener("abort", stop, {once: true});
  });
}

export const get = (path, options) => request(path, options);
export const post = (path, body, options) => request(path, {...options, method: "POST", body});
export const put = (path, body, options) => request(path, {...options, method: "PUT", body});
export const patch = (path, body, options) => request(path, {...options, method: "PATCH", body});
export const remove = (path, options) => request(path, {...options, method: "DELETE"});

/** Asks who we are. @returns {Promise<{authRequired: boolean, signedIn: boolean, scope: string|null}>} */
export async function session() {
  const answer = await get("/session");
  csrfToken = answer.csrfToken ?? null;
  return answer;
}

/** Exchanges an API key for a session cookie; the key is kept nowhere. */
export async function signIn(key) {
  const answer = await post("/session", {key});
  csrfToken = answer.csrfToken ?? null;
  return answer;
}

export async function signOut() {
  await remove("/session");
  csrfToken = null;
}

/** Builds a query string from what is given; empty values are left out. */
export function query(values) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `?${text}` : "";
}
