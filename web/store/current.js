/** The project whose pages are open: the top bar and the palette ask for it. @module */
let store = null;
const listeners = new Set();

export const currentStore = () => store;

/** @param {import("./project.js").ProjectStore|null} next */
export function setCurrentStore(next) {
  store = next;
  for (const listener of [...listeners]) listener(store);
}

export function onStore(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
