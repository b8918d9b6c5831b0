/** A run's state as icon and word. @module */
import {formatStep} from "../charts/format.js";

const STATES = {
  running: ["circle-play", "running"], finished: ["circle-check", "finished"], failed: ["circle-x", "failed"],
  killed: ["octagon-x", "killed"], silent: ["circle-alert", "silent"],
};

/** A running run that has given no sign of life for two minutes is silent. */
export const stateOf = (run) => (run.state === "running" && !run.live ? "silent" : run.state);

/** `[icon, word]` of a state. */
export const stateParts = (state) => STATES[state] ?? ["circle", state];

/** `3 NaN` when a metric of the run went wrong, else how many findings its health has; empty for notes, and for what is muted. */
export function badNews(run) {
  let worst = 0;
  for (const metric of Object.values(run.summary ?? {})) worst = Math.max(worst, metric.nan ?? 0);
  if (run.findings && !run.findings.nan) worst = 0;
  const findings = run.health === "info" ? 0 : Object.values(run.findings ?? {}).reduce((sum, count) => sum + count, 0);
  return worst ? `${formatStep(worst)} NaN` : findings ? `${formatStep(findings)} ${findings === 1 ? "finding" : "findings"}` : "";
}

/** The same in a row of a list, as short as it can be. */
export const badgeOf = (run) => badNews(run).replace(/^(\S+) findings?$/, "\u26a0\ufe0e$1");

/** Everything that was found, by kind. */
export const healthOf = (run) => Object.entries(run.findings ?? {}).map(([kind, count]) => `${count > 1 ? `${count} ` : ""}${kind.replaceAll("-", " ")}`).join(", ") || "nothing found";
