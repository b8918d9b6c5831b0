/** Named views of a project: open, save, delete. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {get, put, remove} from "../api.js";
import {formatView, parseView, defaultView} from "../lib/url-state.js";
import {onShortcut} from "./shortcuts.js";
import {Icon, IconButton} from "./parts.js";
import {Popover, toast} from "./overlay.js";

export function SavedViews({store, view}) {
  const [views, setViews] = useState(null);
  const [name, setName] = useState("");
  const path = `${store.path}/views`;
  const load = () => get(path).then((answer) => setViews(answer.views), (error) => toast(error.message, {kind: "error"}));
  const save = async (title, id = crypto.randomUUID?.().slice(0, 8) ?? Math.random().toString(36).slice(2, 10)) => {
    try {
      await put(`${path}/${encodeURIComponent(id)}`, {name: title, shared: true, state: {...view.now}});
      view.saved = {id, name: title, state: {...view.now}};
      view.changed("saved");
      toast(`View “${title}” saved`);
      setName("");
      load();
    } catch (error) { toast(error.message, {kind: "error"}); }
  };
  const open = async (id) => {
    try {
      const stored = await get(`${path}/${encodeURIComponent(id)}`);
      const state = parseView(formatView({...defaultView(), ...stored.state}));
      view.set(state);
      view.saved = {id, name: stored.name, state};
      view.changed("saved");
    } catch (error) { toast(error.message, {kind: "error"}); }
  };
  const drop = async (entry) => {
    const state = await get(`${path}/${encodeURIComponent(entry.id)}`);
    await remove(`${path}/${encodeURIComponent(entry.id)}`);
    load();
    toast(`View “${entry.name}” deleted`, {undo: async () => { await put(`${path}/${encodeURIComponent(entry.id)}`, {name: entry.name, shared: entry.shared, state: state.state}); load(); }});
  };
  useEffect(() => onShortcut({"mod+s": () => (view.saved ? save(view.saved.name, view.saved.id) : document.querySelector(".saved-views > button")?.click())}), [view]);
  const text = html`<span class="saved-name">${view.saved ? view.saved.name : "Views"}</span>${view.edited ? html`<span class="muted small">edited</span>` : null}<${Icon} name="chevron-down" size=${14}/>`;
  return html`<span class="saved-views-box"><${Popover} label="Saved views" icon="bookmark" className="button small" text=${text} onOpen=${load}>
    ${view.edited && html`<div class="row"><button type="button" class="button small" onClick=${() => save(view.saved.name, view.saved.id)}><${Icon} name="save"/>Save “${view.saved.name}”</button>
      <button type="button" class="button small" onClick=${() => view.set(view.saved.state)}>Reset</button></div>`}
    <ul class="plain-list">${(views ?? []).map((entry) => html`<li key=${entry.id} class="row"><button type="button" class="link-button" onClick=${() => open(entry.id)}>${entry.name}</button><span class="spring"></span>
      <${IconButton} icon="trash-2" label=${`Delete view ${entry.name}`} onClick=${() => drop(entry)}/></li>`)}</ul>
    ${views?.length === 0 && html`<p class="muted small">No saved view yet. The whole view is also in the address.</p>`}
    <form class="row" onSubmit=${(event) => { event.preventDefault(); if (name.trim()) save(name.trim()); }}>
      <input class="input" placeholder="Name of this view" aria-label="Name of this view" value=${name} onInput=${(event) => setName(event.target.value)}/><button type="submit" class="button small" disabled=${!name.trim()}>Save</button></form>
  </${Popover}></span>`;
}
