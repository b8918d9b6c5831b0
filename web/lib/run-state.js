/** A run's state as icon and word. @module */
import {formatStep} from "../charts/format.js";
import * as strings from "../strings.js";

const STATES = {
  running: ["circle-play", strings.states.running], finished: ["circle-check", strings.states.finished], failed: ["circle-x", strings.states.failed],
  killed: ["octagon-x", strings.states.killed], silent: ["circle-alert", strings.states.silent],
};

/** A running run that has given no sign of life for two minutes is silent. */
export const stateOf = (run) => (run.state === "running" && !run.live ? "silent" : run.state);

/** `[icon, word]` of a state. */
export const stateParts = (state) => STATES[state] ?? ["circle", state];

/** The values of the worst metric that are not numbers, else how many findings the run's health has; none of notes, and of what is muted. */
function troubleOf(run) {
  let worst = 0;
  for (const metric of Object.values(run.summary ?? {})) worst = Math.max(worst, metric.nan ?? 0);
  if (run.findings && !run.findings.nan) worst = 0;
  return {nan: worst, findings: worst || run.health === "info" ? 0 : Object.values(run.findings ?? {}).reduce((sum, count) => sum + count, 0)};
}

/** `3 NaN` or `2 findings`, or nothing. */
export function badNews(run) {
  const {nan, findings} = troubleOf(run);
  return nan ? `${formatStep(nan)} NaN` : findings ? strings.health.findings({shown: formatStep(findings), count: findings}) : "";
}

/** The same in a row of a list, as short as it can be. */
export function badgeOf(run) {
  const {findings} = troubleOf(run);
  return findings ? `\u26a0\ufe0e${formatStep(findings)}` : badNews(run);
}

/** Everything that was found, by kind. */
export const healthOf = (run) => Object.entries(run.findings ?? {}).map(([kind, count]) => `${count > 1 ? `${count} ` : ""}${kind.replaceAll("-", " ")}`).join(", ") || strings.health.nothingFoundWord;
