/** Named views of a project: open, save, delete. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {get, put, remove} from "../api.js";
import {formatView, parseView, defaultView} from "../lib/url-state.js";
import {DEFAULT_VIEW} from "../store/project.js";
import * as strings from "../strings.js";
import {onShortcut} from "./shortcuts.js";
import {Icon, IconButton, Moment} from "./parts.js";
import {Dialog, Popover, toast, toastError} from "./overlay.js";

export function SavedViews({store, view}) {
  const [views, setViews] = useState(null);
  const [name, setName] = useState("");
  const path = `${store.path}/views`;
  const load = () => get(path).then((answer) => setViews(answer.views), toastError);
  const [conflict, setConflict] = useState(null);
  const save = async (title, id = crypto.randomUUID?.().slice(0, 8) ?? Math.random().toString(36).slice(2, 10)) => {
    try {
      const {updatedAt} = await put(`${path}/${encodeURIComponent(id)}`, {name: title, shared: true, state: {...view.now}});
      view.saved = {id, name: title, state: {...view.now}, updatedAt};
      view.changed("saved");
      toast(strings.views.saved({name: title}));
      setName("");
      load();
    } catch (error) { toastError(error); }
  };
  /** Saves over the view this one began as, unless somebody else did meanwhile. */
  const saveOver = async () => {
    const {id, name: title, updatedAt} = view.saved;
    const stored = await get(`${path}/${encodeURIComponent(id)}`).catch((error) => { if (error.status !== 404) throw error; return null; }).catch((error) => { toastError(error); return undefined; });
    if (stored === undefined) return;
    if (stored && stored.updatedAt !== updatedAt) setConflict(stored); else save(title, id);
  };
  const open = async (id) => {
    try {
      const stored = await get(`${path}/${encodeURIComponent(id)}`);
      const state = parseView(formatView({...defaultView(), ...stored.state}));
      view.set(state);
      view.saved = {id, name: stored.name, state, updatedAt: stored.updatedAt};
      view.changed("saved");
    } catch (error) { toastError(error); }
  };
  const drop = async (entry) => {
    const state = await get(`${path}/${encodeURIComponent(entry.id)}`);
    await remove(`${path}/${encodeURIComponent(entry.id)}`);
    load();
    toast(strings.views.deleted({name: entry.name}), {undo: async () => { await put(`${path}/${encodeURIComponent(entry.id)}`, {name: entry.name, shared: entry.shared, state: state.state}); load(); }});
  };
  useEffect(() => onShortcut({"mod+s": () => (view.saved ? saveOver() : document.querySelector(".saved-views > button")?.click())}), [view]);
  const hasDefault = views?.some((entry) => entry.id === DEFAULT_VIEW);
  const text = html`<span class="saved-name">${view.saved ? view.saved.name : strings.views.views}</span>${view.edited ? html`<span class="muted small">${strings.views.edited}</span>` : null}<${Icon} name="chevron-down" size=${14}/>`;
  return html`<span class="saved-views-box"><${Popover} label=${strings.views.title} icon="bookmark" className="button small" text=${text} onOpen=${load}>
    ${view.edited && html`<div class="row"><button type="button" class="button small" onClick=${saveOver}><${Icon} name="save"/>${strings.views.saveOver({name: view.saved.name})}</button>
      <button type="button" class="button small" onClick=${() => view.set(view.saved.state)}>${strings.views.reset}</button></div>`}
    <ul class="plain-list">${(views ?? []).map((entry) => html`<li key=${entry.id} class="row"><button type="button" class="link-button" onClick=${() => open(entry.id)}>${entry.name}</button><span class="spring"></span>
      <${IconButton} icon="trash-2" label=${strings.views.remove({name: entry.name})} onClick=${() => drop(entry)}/></li>`)}</ul>
    ${views?.length === 0 && html`<p class="muted small">${strings.views.noneHint}</p>`}
    ${views && !hasDefault && html`<p><button type="button" class="button small" title=${strings.views.makeDefaultHint} onClick=${() => save(strings.views.defaultName, DEFAULT_VIEW)}>
      <${Icon} name="house"/>${strings.views.makeDefault}</button></p>`}
    <form class="row" onSubmit=${(event) => { event.preventDefault(); if (name.trim()) save(name.trim()); }}>
      <input class="input" placeholder=${strings.views.name} aria-label=${strings.views.name} value=${name} onInput=${(event) => setName(event.target.value)}/><button type="submit" class="button small" disabled=${!name.trim()}>${strings.common.save}</button></form>
  </${Popover}>${conflict && html`<${Conflict} view=${view} stored=${conflict} onClose=${() => setConflict(null)} save=${save} open=${open}/>`}</span>`;
}

/** Somebody else saved the view meanwhile: both versions, and what to do. */
function Conflict({view, stored, save, open, onClose}) {
  const theirs = formatView({...defaultView(), ...stored.state}), mine = formatView(view.now);
  const parts = (query) => new Map([...new URLSearchParams(query)]), [a, b] = [parts(theirs), parts(mine)];
  const keys = [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key));
  const choose = (act) => () => { onClose(); act(); };
  return html`<${Dialog} title=${strings.views.conflict({name: stored.name})} onClose=${onClose}>
    <p>${strings.views.changed} <${Moment} ms=${stored.updatedAt}/>${strings.views.changedRest}</p>
    <div class="table-box" tabindex="0" role="region" aria-label=${strings.compare.differences}><table class="table"><thead><tr><th scope="col">${strings.views.setting}</th><th scope="col">${strings.views.theirs}</th><th scope="col">${strings.views.yours}</th></tr></thead>
      <tbody>${keys.map((key) => html`<tr key=${key}><th scope="row">${key}</th><td class="clip">${a.get(key) ?? "—"}</td><td class="clip">${b.get(key) ?? "—"}</td></tr>`)}</tbody></table></div>
    <p class="row"><button type="button" class="button primary" onClick=${choose(() => save(strings.views.mine({name: stored.name})))}>${strings.views.saveMineAsNew}</button>
      <button type="button" class="button" onClick=${choose(() => save(stored.name, stored.id))}>${strings.views.saveMineOver}</button>
      <button type="button" class="button" onClick=${choose(() => open(stored.id))}>${strings.views.openTheirs}</button></p></${Dialog}>`;
}
