/**
 * Icons of one sprite. To parse it takes as long as to draw two charts, so that the first data goes before it.
 * @module
 */
import {PREFIX} from "./router.js";
import {firstData} from "./idle.js";

/** Without data nobody waits longer for icons. */
const MOST_MS = 2500;
let isAsked = false;

/** Lets a `<use>` show an icon, as soon as there may be some. @param {Element} use  @param {string} name */
export function setIcon(use, name) {
  if (use.getAttribute("data-icon") !== name) use.setAttribute("data-icon", name);
  const address = `${PREFIX}vendor/icons.svg#${name}`;
  // Also an address that stays the same is looked up again when it is written.
  if (isAsked && use.getAttribute("href") !== address) use.setAttribute("href", address);
}

function ask() {
  if (isAsked) return;
  isAsked = true;
  for (const use of document.querySelectorAll("use[data-icon]")) setIcon(use, use.getAttribute("data-icon"));
}

firstData.then(ask);
setTimeout(ask, MOST_MS);
