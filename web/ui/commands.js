/** What the page on the screen can do, for the palette. @module */
const sources = new Set();

/** Adds a source of commands `{key, label, icon, note, run}`. @returns {() => void} takes it away */
export function offerCommands(source) {
  sources.add(source);
  return () => sources.delete(source);
}

export const commandsNow = () => [...sources].flatMap((source) => source());
