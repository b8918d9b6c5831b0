/**
 * The keyboard map: one listener, many maps; the latest that knows a key wins. Off while typing, and by preference.
 * @module
 */
import {preference} from "../preferences.js";

const maps = [];

/** Adds a map of keys (`g`, `mod+k`, `mod+shift+z`) to functions. @returns {() => void} takes it away */
export function onShortcut(map) {
  maps.push(map);
  return () => maps.splice(maps.indexOf(map), 1);
}

const typing = (target) => target instanceof HTMLElement && (target.isContentEditable || (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
  && !["checkbox", "radio", "range", "button"].includes(/** @type {HTMLInputElement} */ (target).type)));

export function keyName(event) {
  const mod = event.ctrlKey || event.metaKey ? "mod+" : "";
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return mod + (mod && event.shiftKey ? "shift+" : "") + key;
}

globalThis.document?.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey) return;
  const name = keyName(event);
  const always = name.startsWith("mod+") && name !== "mod+z" && name !== "mod+shift+z";
  if (!always && (typing(event.composedPath()[0]) || !preference("shortcuts"))) return;
  if (document.querySelector("dialog[open]") && name !== "mod+k") return;
  for (const map of [...maps].reverse()) {
    if (!map[name]) continue;
    if (map[name](event) === false) continue;
    event.preventDefault();
    return;
  }
});
