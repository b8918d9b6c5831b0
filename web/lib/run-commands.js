/**
 * What is asked of running programs: which of them listen, and how far a command has come, in words.
 * @module
 *
 * @typedef {{id: number, run: string, kind: "stop"|"checkpoint"|"set", state: "waiting"|"taken"|"done"|"refused"|"expired"|"superseded", askedAt: number, by?: string, step?: number,
 *   message?: string, name?: string, value?: any, old?: any}} Command
 */
import {formatAgo, formatStep} from "../charts/format.js";
import * as strings from "../strings.js";

/** Whether an answer may still come. @param {Command} command */
export const isOpen = ({state}) => state === "waiting" || state === "taken";

/** Whether the run's program can be asked for this now. */
export const listensTo = (run, kind) => run?.state === "running" && Boolean(run.listens?.includes(kind));

/** A list with what is new, the newest first. @param {Command[]} list  @param {Command} command */
export const withCommand = (list, command) => [command, ...list.filter(({id}) => id !== command.id)].sort((a, b) => b.id - a.id);

/** Those that a page speaks of: what is open, and what came last. @param {Command[]} list */
export const worthSaying = (list) => list.filter((command, i) => i === 0 || isOpen(command));

/** How far it has come, as a sentence. @param {Command} command */
export function stateWords(command, now = Date.now()) {
  const {kind, state, askedAt, step, message} = command;
  const isStop = kind === "stop", past = formatAgo(askedAt, now), ago = past === strings.time.now ? strings.commands.justNow : past;
  if (kind === "set") return setWords(command, ago);
  if (state === "waiting") return isStop ? strings.commands.stopWaits({ago}) : strings.commands.checkpointWaits({ago});
  if (state === "taken") return isStop ? strings.commands.stopTaken({ago}) : strings.commands.checkpointTaken({ago});
  if (state === "expired") return isStop ? strings.commands.stopExpired : strings.commands.checkpointExpired;
  if (state === "refused") return isStop ? strings.commands.stopRefused({why: message ?? strings.commands.noReason}) : strings.commands.checkpointRefused({why: message ?? strings.commands.noReason});
  if (step === undefined) return isStop ? strings.commands.stopDone : strings.commands.checkpointDone;
  return isStop ? strings.commands.stopDoneAt({step: formatStep(step)}) : strings.commands.checkpointDoneAt({step: formatStep(step)});
}

function setWords({state, name, value, old, step, message}, ago) {
  const what = state === "done" ? `${name} ${old} → ${value}` : `${name} → ${value}`;
  if (state === "waiting") return strings.commands.setWaits({what, ago});
  if (state === "taken") return strings.commands.setTaken({what, ago});
  if (state === "expired") return strings.commands.setExpired({name});
  if (state === "refused") return strings.commands.setRefused({name, why: message ?? strings.commands.noReason});
  if (state === "superseded") return strings.commands.setSuperseded({what});
  return step === undefined ? what : strings.commands.setDone({what, step: formatStep(step)});
}
