/**
 * Metrics in sections: by the part of the name before a slash.
 * @module
 */
import * as strings from "../strings.js";
import {compareNatural} from "./natural.js";

/** The section of a metric. @param {"first"|"last"|"none"} rule which slash divides */
export function sectionOf(metric, rule = "first") {
  const at = rule === "last" ? metric.lastIndexOf("/") : metric.indexOf("/");
  return rule === "none" || at <= 0 ? "charts" : metric.slice(0, at);
}

/** Sections of one's own, ready to match; a pattern that is none matches nothing. @param {[string, string][]} own name and regular expression */
const ownSections = (own) => own.map(([name, source]) => ({name, matches: patternOf(source)}));

function patternOf(source) {
  try { const pattern = new RegExp(source, "i"); return (metric) => pattern.test(metric); } catch { return () => false; }
}

/**
 * Sections in their order: pinned first, then one's own, then natural order, `system` last.
 * @param {string[]} metrics
 * @param {{rule?: "first"|"last"|"none", pinned?: string[], order?: string[], own?: [string, string][]}} options `order` names metrics that were
 *   put in an order by hand, `own` sections and the regular expressions of what goes into them: the first that matches counts
 * @returns {{name: string, metrics: string[], pinned: boolean}[]}
 */
export function sectionsOf(metrics, {rule = "first", pinned = [], order = [], own = []} = {}) {
  const sections = new Map(), mine = ownSections(own), ranks = new Map(own.map(([name], i) => [name, i - own.length]));
  for (const metric of metrics) {
    const name = mine.find(({matches}) => matches(metric))?.name ?? sectionOf(metric, rule);
    if (!sections.has(name)) sections.set(name, []);
    sections.get(name).push(metric);
  }
  const places = new Map(order.map((name, i) => [name, i])), placeOf = (name) => places.get(name) ?? Infinity;
  const byHand = (a, b) => (placeOf(a) === placeOf(b) ? compareNatural(a, b) : placeOf(a) - placeOf(b));
  const rank = (name) => ranks.get(name) ?? (name === "system" || name.startsWith("system/") ? 1 : 0);
  const ordered = [...sections].sort(([a], [b]) => rank(a) - rank(b) || compareNatural(a, b))
    .map(([name, members]) => ({name, metrics: members.sort(byHand), pinned: false}));
  const kept = pinned.filter((metric) => metrics.includes(metric));
  return kept.length ? [{name: strings.sections.pinned, metrics: kept, pinned: true}, ...ordered] : ordered;
}

/**
 * A test for metric names: plain words match anywhere and all must match; `/…/` is a regular expression.
 * @returns {{test: (name: string) => boolean, error: string|null}}
 */
export function metricMatcher(text) {
  const trimmed = text.trim();
  if (!trimmed) return {test: () => true, error: null};
  if (trimmed.startsWith("/")) {
    const source = trimmed.length > 1 && trimmed.endsWith("/") ? trimmed.slice(1, -1) : trimmed.slice(1);
    try {
      const pattern = new RegExp(source, "i");
      return {test: (name) => pattern.test(name), error: null};
    } catch (error) {
      return {test: () => true, error: error.message.replace(/^Invalid regular expression: /, "")};
    }
  }
  const words = trimmed.toLowerCase().split(/\s+/);
  return {test: (name) => words.every((word) => name.toLowerCase().includes(word)), error: null};
}

/** Validation metrics are never smoothed unless asked for. */
export const isValidation = (metric) => /^(val|valid|validation|test|eval)\//i.test(metric);
