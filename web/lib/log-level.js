/**
 * The level that a line of console output speaks of: programs print it as a word, in brackets, or as a field.
 * @module
 */
import * as strings from "../strings.js";

const RANKS = {trace: 0, debug: 0, info: 1, notice: 1, warning: 2, warn: 2, error: 3, err: 3, critical: 3, fatal: 3, panic: 3, exception: 3, traceback: 3};
const WORD = "trace|debug|info|notice|warning|warn|error|err|critical|fatal|panic";

/** In this order: `level=…` or `"level": "…"`, a word in capitals near the beginning, one in brackets, a compiler's `error:`, Python's exceptions and warnings. */
const PLACES = [new RegExp(`\\b(?:level|levelname|lvl|severity)"?\\s*[=:]\\s*"?(${WORD})\\b`, "i"), new RegExp(`^.{0,60}?\\b(${WORD.toUpperCase()})\\b`),
  new RegExp(`^.{0,60}?\\[(${WORD})\\]`, "i"), new RegExp(`^(?:\\S+ )?(${WORD}):`, "i"), /^(Traceback) \(/, /^[\w.]*(Error|Exception|Warning): /, /: \w*(Warning): /];

/** Names of the levels by which a log can be filtered, and the least rank of each. */
export const LEVELS = [["all", strings.log.allLevels], ["info", strings.log.infoAndAbove], ["warning", strings.log.warningsAndErrors], ["error", strings.log.errors]];

/** @param {string} text without colours @returns {number|null} 0 debug, 1 info, 2 warning, 3 error; null when the line names none */
export function levelOf(text) {
  for (const place of PLACES) {
    const word = place.exec(text)?.[1];
    if (word) return RANKS[word.toLowerCase()];
  }
  return null;
}

/** Whether a line is of at least a level; lines that name none are of no level. @param {string} text @param {string} level one of `LEVELS` */
export const isAtLeast = (text, level) => level === "all" || (levelOf(text) ?? -1) >= RANKS[level];
