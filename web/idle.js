/**
 * Says on <html> whether the page has something to show (`data-ready`) and whether anything is under way (`data-idle`).
 * @module
 */
let pending = 0;
let timer = 0;
const root = globalThis.document?.documentElement;

/** Something begins; call the returned function once when it has ended. */
export function busy() {
  pending += 1;
  clearTimeout(timer);
  root?.removeAttribute("data-idle");
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    pending -= 1;
    if (pending === 0) settle();
  };
}

// Two frames after the last piece of work, so that what it asked to be drawn is on the screen.
function settle() {
  clearTimeout(timer);
  if (!root) return;
  timer = setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => {
    if (pending === 0) root.dataset.idle = "1";
  })), 60);
}

/** What is not needed for the first data waits until that is on the screen, but no longer than this. */
const FIRST_MS = 8000;
let tellFirst;
/** Resolves when the first page has its first data on the screen. */
export const firstData = new Promise((resolve) => { tellFirst = resolve; if (root) setTimeout(resolve, FIRST_MS); });

/** The first data of the page is on the screen. */
export function ready() {
  if (!root || isReady()) return;
  requestAnimationFrame(() => { root.dataset.ready = "1"; tellFirst(); if (pending === 0) settle(); });
}

/** Whether the page has its first data on the screen. */
export const isReady = () => root?.dataset.ready === "1";

/** A new page is being put together. */
export function notReady() { root?.removeAttribute("data-ready"); }
