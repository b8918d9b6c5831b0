/** What a running program lets others change: each value with what it is, what it may become, and how far a change has come. @module */
import {html, useState} from "../vendor/preact.js";
import {post} from "../api.js";
import {stateWords} from "../lib/run-commands.js";
import {boundsWords, readValue} from "../lib/run-values.js";
import * as strings from "../strings.js";
import {Dialog} from "./overlay.js";

/** @param {{run: any, commands: import("../lib/run-commands.js").Command[], take: (command: any) => void, onClose: () => void}} props `commands`: the newest first */
export function RunValues({run, commands, take, onClose}) {
  return html`<${Dialog} title=${strings.values.title({name: run.name})} onClose=${onClose}><p class="muted">${strings.values.how}</p>
    ${run.declared.map((declared, i) => html`<${ValueForm} key=${declared.name} id=${`value-${i}`} run=${run} declared=${declared} take=${take}
      command=${commands.find(({name}) => name === declared.name)}/>`)}</${Dialog}>`;
}

function ValueForm({id, run, declared, command, take}) {
  const {name, value: now, choices} = declared;
  const [text, setText] = useState(choices ? String(Math.max(0, choices.indexOf(now))) : String(now));
  const [error, setError] = useState("");
  const [asked, setAsked] = useState(null);
  const type = (event) => { setText(event.target.value); setError(""); };
  const submit = (event) => {
    event.preventDefault();
    const read = readValue(declared, text);
    setError(read.error ?? "");
    if (!read.error) setAsked(read);
  };
  const ask = () => {
    setAsked(null);
    post(`/runs/${run.id}/commands`, {kind: "set", name, value: asked.value}).then(take, ({message}) => setError(message));
  };
  const input = {id, value: text, onInput: type, "aria-invalid": error ? "true" : undefined, "aria-describedby": `${id}-hint ${id}-error`};
  return html`<form class="value-form" onSubmit=${submit}><label for=${id}>${name}</label>
    <div class="row">${choices ? html`<select class="select" ...${input}>${choices.map((choice, i) => html`<option key=${i} value=${i}>${String(choice)}</option>`)}</select>`
      : html`<input class="input mono" inputmode="decimal" autocomplete="off" ...${input}/>`}<button type="submit" class="button">${strings.values.changeDots}</button></div>
    <p class="muted small" id=${`${id}-hint`}>${strings.values.now({value: String(now)})}${choices ? "" : ` · ${boundsWords(declared)}`}</p>
    <p class="error-text small" id=${`${id}-error`} role="status">${error}</p>
    ${command && html`<p class="small">${stateWords(command)}</p>`}
    ${asked && html`<${Dialog} title=${strings.values.changeTitle({name})} onClose=${() => setAsked(null)}>
      <p class="mono">${String(now)} → ${String(asked.value)}</p><p>${strings.values.changeHow}</p>
      <div class="row"><button type="button" class="button primary" autofocus onClick=${ask}>${strings.values.change}</button>
        <button type="button" class="button" onClick=${() => setAsked(null)}>${strings.common.cancel}</button></div></${Dialog}>`}</form>`;
}
