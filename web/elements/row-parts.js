/** What rows of long lists set again and again: only what differs is written, because each write costs a new style. @module */
import {PREFIX} from "../router.js";

/** Shows an icon of the sprite in an `<svg><use/></svg>`. */
export function setIcon(svg, name) {
  if (svg.dataset.icon === name) return;
  svg.dataset.icon = name;
  svg.firstElementChild.setAttribute("href", `${PREFIX}vendor/icons.svg#${name}`);
}

export function setVariable(element, name, value) {
  if (element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value);
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {string|null} value null takes the attribute away */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name); else element.setAttribute(name, value);
}
