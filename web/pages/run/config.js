/** The config as a tree or flat, searchable, to copy. @module */
import {html, useEffect} from "../../vendor/preact.js";
import {address} from "../../router.js";
import {useChanges} from "../../store/signal.js";
import {ready} from "../../idle.js";
import {flatten, toFlags, toYAML} from "../../lib/tree.js";
import {compareNatural} from "../../lib/natural.js";
import {textOf} from "../../lib/columns.js";
import {Empty, Icon, copyText} from "../../ui/parts.js";
import {Menu, toast} from "../../ui/overlay.js";

export function Config({run, view}) {
  useChanges(view);
  const {search: text, flat} = view.now;
  const setText = (search) => view.set({search}, {key: "search"}), setFlat = (value) => view.set({flat: value});
  useEffect(() => { ready(); }, []);
  const config = run.config ?? {};
  const rows = [...flatten(config)].filter(([path, value]) => `${path} ${textOf(value)}`.toLowerCase().includes(text.toLowerCase())).sort((a, b) => compareNatural(a[0], b[0]));
  const copy = async (form, what) => { await copyText(what); toast(`Config copied as ${form}`); };
  if (Object.keys(config).length === 0) return html`<div class="run-body"><${Empty} icon="braces" title="No config"><p class="muted">What the run passes as config at its start is listed here.</p></${Empty}></div>`;
  return html`<div class="run-body"><div class="toolbar">
      <div class="search"><${Icon} name="search"/><input class="input" type="search" placeholder="Find key or value" aria-label="Find key or value" value=${text} onInput=${(event) => setText(event.target.value)}/></div>
      <div class="tabs small-tabs" role="group" aria-label="Form">${[["Tree", false], ["Flat", true]].map(([label, value]) => html`<button type="button" key=${label} class="tab" aria-pressed=${flat === value ? "true" : "false"} onClick=${() => setFlat(value)}>${label}</button>`)}</div>
      <span class="spring"></span>
      <a class="button small" href=${address(["p", run.project, "compare"], `?runs=${encodeURIComponent(run.id)}`)}><${Icon} name="git-compare-arrows"/>Diff to another run</a>
      <${Menu} label="Copy config" icon="copy" className="button small" text="Copy" items=${[
        {label: "As YAML", onSelect: () => copy("YAML", toYAML(config))}, {label: "As JSON", onSelect: () => copy("JSON", JSON.stringify(config, null, 2))}, {label: "As flags", onSelect: () => copy("flags", toFlags(config))}]}/></div>
    ${flat || text ? html`<div class="table-box"><table class="table"><thead><tr><th scope="col">Key</th><th scope="col">Value</th></tr></thead><tbody>${rows.map(([path, value]) => html`<tr key=${path}><th scope="row" class="mono">${path}</th><td class="mono">${textOf(value)}</td></tr>`)}</tbody></table></div>
      ${rows.length === 0 && html`<p class="muted">Nothing matches “${text}”.</p>`}` : html`<div class="config-tree"><${Branch} value=${config}/></div>`}
  </div>`;
}

function Branch({value}) {
  return html`<ul>${Object.entries(value).sort(([a], [b]) => compareNatural(a, b)).map(([key, child]) => html`<li key=${key}>${child !== null && typeof child === "object" && !Array.isArray(child) && Object.keys(child).length
    ? html`<details open><summary>${key}</summary><${Branch} value=${child}/></details>` : html`${key}: <span class="value">${typeof child === "string" ? child : JSON.stringify(child)}</span>`}</li>`)}</ul>`;
}
