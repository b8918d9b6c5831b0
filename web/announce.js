/**
 * Speaks changes to screen readers through the page's one status line, at most once in five seconds: the latest wins.
 * @module
 */
const PAUSE_MS = 5000;
let next = null, timer = 0;

/** @param {string} message */
export function announce(message) {
  next = message;
  if (timer) return;
  say();
  timer = setTimeout(again, PAUSE_MS);
}

function again() {
  timer = 0;
  if (next !== null) { say(); timer = setTimeout(again, PAUSE_MS); }
}

function say() {
  const line = globalThis.document?.getElementById("status");
  if (line) line.textContent = next;
  next = null;
}
