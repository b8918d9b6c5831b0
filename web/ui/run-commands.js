/** Buttons that ask running programs to stop, to save a checkpoint or to change a value, and what becomes of it. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {get, post} from "../api.js";
import {announce} from "../announce.js";
import {formatStep} from "../charts/format.js";
import {isOpen, listensTo, stateWords, withCommand, worthSaying} from "../lib/run-commands.js";
import {canChange} from "../lib/run-values.js";
import * as strings from "../strings.js";
import {Dialog, toast, toastError} from "./overlay.js";
import {Icon} from "./parts.js";
import {lazy} from "./lazy.js";

const RunValues = lazy(() => import("./run-values.js"), "RunValues");
const ICONS = {stop: "square", checkpoint: "save"};
const labelOf = (kind) => (kind === "stop" ? strings.commands.stop : strings.commands.checkpoint);

/** In the head of a run's page: a button for each thing that its program listens to, and the latest news of what was asked. */
export function RunCommands({run, store}) {
  const [commands, setCommands] = useState([]);
  const [asking, setAsking] = useState(null);
  const [changing, setChanging] = useState(false);
  const [, tick] = useState(0);
  const take = (command) => setCommands((held) => withCommand(held, command));
  useEffect(() => {
    const load = () => get(`/runs/${run.id}/commands?limit=100`).then((answer) => answer.commands.forEach(take), () => {});     // what is new comes by itself
    const hear = ({detail}) => { if (detail.run === run.id) { take(detail.command); announce(stateWords(detail.command)); } };
    const again = ({detail}) => { if (detail.run === null) load(); };
    load();
    store.addEventListener("command", hear);
    store.addEventListener("rows", again);
    return () => { store.removeEventListener("command", hear); store.removeEventListener("rows", again); };
  }, [run.id]);
  const isWaiting = commands.some(isOpen);
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, [isWaiting]);
  const ask = (kind) => { setAsking(null); post(`/runs/${run.id}/commands`, {kind}).then(take, toastError); };
  return html`<span class="run-commands">
    ${worthSaying(commands).map((command) => html`<span key=${command.id} class=${command.state === "refused" || command.state === "expired" ? "state state-failed" : "muted"}
      title=${[command.by && strings.commands.askedBy({name: command.by}), command.state === "done" && command.message].filter(Boolean).join(": ") || undefined}>${stateWords(command)}</span>`)}
    ${["checkpoint", "stop"].filter((kind) => listensTo(run, kind)).map((kind) => {
      const isAsked = commands.some((command) => command.kind === kind && isOpen(command));
      return html`<button type="button" key=${kind} class="button small" aria-disabled=${isAsked ? "true" : undefined} onClick=${() => { if (!isAsked) setAsking(kind); }}>
        <${Icon} name=${ICONS[kind]}/>${labelOf(kind)}</button>`;
    })}
    ${canChange(run) && html`<button type="button" class="button small" onClick=${() => setChanging(true)}><${Icon} name="sliders-horizontal"/>${strings.values.dots}</button>`}
    ${changing && canChange(run) && html`<${RunValues} run=${run} commands=${commands} take=${take} onClose=${() => setChanging(false)}/>`}
    ${asking && html`<${Confirm} kind=${asking} name=${run.name} onConfirm=${() => ask(asking)} onClose=${() => setAsking(null)}/>`}</span>`;
}

function Confirm({kind, name, note = null, onConfirm, onClose}) {
  const isStop = kind === "stop";
  return html`<${Dialog} title=${isStop ? strings.commands.stopTitle({name}) : strings.commands.checkpointTitle({name})} onClose=${onClose}>
    <p>${isStop ? strings.commands.stopHow : strings.commands.checkpointHow}</p>${note && html`<p>${note}</p>`}
    <div class="row"><button type="button" class=${`button ${isStop ? "danger" : "primary"}`} autofocus onClick=${onConfirm}>${labelOf(kind)}</button>
      <button type="button" class="button" onClick=${onClose}>${strings.common.cancel}</button></div></${Dialog}>`;
}

/** Asks those of many runs to stop whose programs listen. */
export function StopRuns({store, ids, onClose}) {
  const listening = ids.filter((id) => listensTo(store.runs.get(id), "stop"));
  const name = listening.length === 1 ? store.runs.get(listening[0]).name : strings.runs.some({count: formatStep(listening.length)});
  const stop = async () => {
    onClose();
    try {
      const {commands} = await post("/runs/commands", {runs: listening, kind: "stop"});
      toast(commands.length === listening.length ? strings.commands.asked({name})
        : strings.commands.askedSome({some: formatStep(commands.length), all: formatStep(listening.length)}));
    } catch (error) { toastError(error); }
  };
  return html`<${Confirm} kind="stop" name=${name} note=${listening.length < ids.length ? strings.commands.someListen({some: formatStep(listening.length), all: formatStep(ids.length)}) : null} onConfirm=${stop} onClose=${onClose}/>`;
}
