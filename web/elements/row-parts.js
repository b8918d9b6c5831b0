/** What rows of long lists set again and again: only what differs is written, because each write costs a new style. @module */
import {formatStep, formatValue} from "../charts/format.js";
import {frontAndEnd} from "../lib/names.js";
import {setIcon as setUse} from "../sprite.js";
import * as strings from "../strings.js";

/** Shows an icon of the sprite in an `<svg><use/></svg>`. */
export const setIcon = (svg, name) => setUse(svg.firstElementChild, name);

export function setVariable(element, name, value) {
  if (element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value);
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Writes a name so that its end, by which most names differ, stays where there is no room for all of it. */
export function setName(element, name, title = name, halves = frontAndEnd(name)) {
  setAttribute(element, "title", title);
  setAttribute(element, "aria-label", element.hasAttribute("href") ? name : null);       // two parts are read with a gap
  if (element.childElementCount && element.textContent === name) return;
  const [front, end] = halves.map((text, i) => Object.assign(document.createElement("span"), {textContent: text, className: i ? "name-end" : "name-front"}));
  element.replaceChildren(front, ...(end.textContent ? [end] : []));
}

/** @param {string|null} value null takes the attribute away */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name); else element.setAttribute(name, value);
}

/** `0.41 ± 0.02`, and of how many, where not all of the group's runs have the number. @param {import("../lib/group-tree.js").Spread} spread */
export function spreadText({count, mean, std}, runs) {
  return `${formatValue(mean)}${count > 1 ? ` ± ${formatValue(std, 2)}` : ""}${count === runs ? "" : ` (${formatStep(count)})`}`;
}

/** All digits, with the extremes. */
export const spreadTitle = ({count, mean, std, min, max}) => strings.groups.spread({mean, std, min, max, count});
