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
import * as strings from "../../strings.js";

export function Config({run, view}) {
  useChanges(view);
  const {search: text, flat} = view.now;
  const setText = (search) => view.set({search}, {key: "search"}), setFlat = (value) => view.set({flat: value});
  useEffect(() => { ready(); }, []);
  const config = run.config ?? {};
  const rows = [...flatten(config)].filter(([path, value]) => `${path} ${textOf(value)}`.toLowerCase().includes(text.toLowerCase())).sort((a, b) => compareNatural(a[0], b[0]));
  const copy = async (form, what) => { await copyText(what); toast(strings.config.copiedAs({form})); };
  if (Object.keys(config).length === 0) return html`<div class="run-body"><${Empty} icon="braces" title=${strings.config.none}><p class="muted">${strings.config.noneHint}</p></${Empty}></div>`;
  return html`<div class="run-body"><div class="toolbar">
      <div class="search"><${Icon} name="search"/><input class="input" type="search" placeholder=${strings.config.find} aria-label=${strings.config.find} value=${text} onInput=${(event) => setText(event.target.value)}/></div>
      <div class="tabs small-tabs" role="group" aria-label=${strings.config.form}>${[[strings.config.tree, false], [strings.config.flat, true]].map(([label, value]) => html`<button type="button" key=${label} class="tab" aria-pressed=${flat === value ? "true" : "false"} onClick=${() => setFlat(value)}>${label}</button>`)}</div>
      <span class="spring"></span>
      <a class="button small" href=${address(["p", run.project, "compare"], `?runs=${encodeURIComponent(run.id)}`)}><${Icon} name="git-compare-arrows"/>${strings.config.diff}</a>
      <${Menu} label=${strings.config.copy} icon="copy" className="button small" text=${strings.common.copy} items=${[
        {label: strings.config.asYAML, onSelect: () => copy("YAML", toYAML(config))}, {label: strings.config.asJSON, onSelect: () => copy("JSON", JSON.stringify(config, null, 2))}, {label: strings.config.asFlags, onSelect: () => copy(strings.config.flags, toFlags(config))}]}/></div>
    ${flat || text ? html`<div class="table-box"><table class="table"><thead><tr><th scope="col">${strings.common.key}</th><th scope="col">${strings.config.value}</th></tr></thead><tbody>${rows.map(([path, value]) => html`<tr key=${path}><th scope="row" class="mono">${path}</th><td class="mono">${textOf(value)}</td></tr>`)}</tbody></table></div>
      ${rows.length === 0 && html`<p class="muted">${strings.common.nothingMatches({text})}</p>`}` : html`<div class="config-tree"><${Branch} value=${config}/></div>`}
  </div>`;
}

function Branch({value}) {
  return html`<ul>${Object.entries(value).sort(([a], [b]) => compareNatural(a, b)).map(([key, child]) => html`<li key=${key}>${child !== null && typeof child === "object" && !Array.isArray(child) && Object.keys(child).length
    ? html`<details open><summary>${key}</summary><${Branch} value=${child}/></details>` : html`${key}: <span class="value">${typeof child === "string" ? child : JSON.stringify(child)}</span>`}</li>`)}</ul>`;
}
