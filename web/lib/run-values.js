/**
 * Values that running programs declare: whether they can be changed, and what may be typed for them.
 * @module
 *
 * @typedef {{name: string, value: any, min?: number, max?: number, integer?: boolean, choices?: any[]}} Declared
 */
import * as strings from "../strings.js";

/** Whether the run's program lets others change something now. */
export const canChange = (run) => run?.state === "running" && Boolean(run.declared?.length);

/** What it may become, in words; empty for a choice, which is listed. @param {Declared} declared */
export const boundsWords = ({min, max, integer, choices}) => (choices ? "" : integer ? strings.values.wholeBounds({min, max}) : strings.values.bounds({min, max}));

/**
 * What was typed for it, or the place of the choice; or why it cannot be.
 * @param {Declared} declared  @param {string} text
 * @returns {{value?: any, error?: string}}
 */
export function readValue({value: now, min, max, integer, choices}, text) {
  const value = choices ? choices[text] : Number(text.replace("−", "-"));
  if (!choices && (!text.trim() || !Number.isFinite(value))) return {error: strings.values.noNumber};
  if (integer && !Number.isInteger(value)) return {error: strings.values.noInteger};
  if (value < min || value > max) return {error: strings.values.outside({min, max})};
  return value === now ? {error: strings.values.same} : {value};
}
