/**
 * Where a run came from, as facts to read and to compare.
 * @module
 */
import {formatBytes} from "../charts/format.js";
import * as strings from "../strings.js";

const HASH_DIGITS = 12;
const text = (value) => (Array.isArray(value) ? value.join(", ") : value === undefined || value === null || value === "" ? "" : String(value));

/** A command as one would type it: what a shell would split is quoted. @param {string[]} parts */
export const commandLine = (parts) => parts.map((part) => (/^[\w@%+=:,./-]+$/.test(part) ? part : `'${part.replaceAll("'", `'\\''`)}'`)).join(" ");

/**
 * The command that takes a run up again where its last process ran; `null` where that is not known.
 * @param {{id: string, environment?: {command?: string[]|string, folder?: string}}} run
 */
export function resumeCommand({id, environment}) {
  const {command, folder} = environment ?? {};
  if (!command?.length) return null;
  const line = `TRACK_RUN_ID=${id} TRACK_RESUME=must ${Array.isArray(command) ? commandLine(command) : command}`;
  return folder ? `cd ${commandLine([folder])} && ${line}` : line;
}

/** @param {any} environment as the client told it @returns {[string, string][]} label and value of what is known */
export function environmentFacts(environment) {
  const {git, command, program, host, os, architecture, cores, memory, gpus, swift, python, user, folder} = environment ?? {};
  const machine = [architecture, cores && strings.environment.cores({count: cores}), Number.isFinite(memory) && formatBytes(memory)].filter(Boolean).join(" · ");
  const hash = git?.commit?.slice(0, HASH_DIGITS) ?? "", commit = hash && git.dirty ? strings.environment.changedCommit({commit: hash}) : hash;
  const facts = [[strings.environment.command, Array.isArray(command) ? commandLine(command) : text(command ?? program)], [strings.environment.folder, text(folder)], [strings.environment.commit, commit], [strings.environment.branch, text(git?.branch)], [strings.environment.remote, text(git?.remote)],
    [strings.fields.host, text(host)], [strings.environment.user, text(user)], [strings.environment.system, text(os)], [strings.environment.machine, machine], [strings.environment.gpus, text(gpus)], [strings.environment.swift, text(swift)], [strings.environment.python, text(python)]];
  return /** @type {[string, string][]} */ (facts.filter(([, value]) => value !== ""));
}

/** What of the code and the machine two runs can differ in; what differs between any two processes is left out. */
export function comparableOrigin(environment) {
  const {git, command, host, os, architecture, cores, gpus, swift, python} = environment ?? {};
  const origin = {"git.commit": git?.commit, "git.branch": git?.branch, "git.dirty": git?.dirty, command: Array.isArray(command) ? commandLine(command) : command,
    host, os, architecture, cores, gpus: gpus && text(gpus), swift, python};
  return Object.fromEntries(Object.entries(origin).filter(([, value]) => value !== undefined && value !== null));
}

/** Versions by package. @returns {Record<string, string>} */
export const packagesOf = (environment) => Object.fromEntries((environment?.packages ?? []).map(({name, version}) => [name, text(version)]));
