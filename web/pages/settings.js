/** API keys and appearance. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {address} from "../router.js";
import {get, post, remove, signIn} from "../api.js";
import {ready} from "../idle.js";
import {prefer, preference} from "../preferences.js";
import {CopyButton, ErrorCard, Icon, Moment} from "../ui/parts.js";
import {Dialog, toast, toastError} from "../ui/overlay.js";
import * as strings from "../strings.js";

const DAY_MS = 86_400_000;

export default function Settings({tab, who, onSignedIn}) {
  useEffect(() => { document.title = strings.settings.pageTitle({tab: tab === "keys" ? strings.settings.keys : strings.settings.appearance}); }, [tab]);
  return html`<main id="main" class="page"><div class="page-head"><h1>${strings.settings.title}</h1></div><div class="settings">
    <nav aria-label=${strings.settings.title}>${[["appearance", strings.settings.appearance], ["keys", strings.settings.keys]].map(([key, label]) => html`<a key=${key} href=${address(["settings", key])} aria-current=${key === tab ? "page" : undefined}>${label}</a>`)}</nav>
    ${tab === "keys" ? html`<${Keys} who=${who} onSignedIn=${onSignedIn}/>` : html`<${Appearance}/>`}</div></main>`;
}

function Appearance() {
  const [, draw] = useState(0);
  useEffect(() => { ready(); }, []);
  const choice = (name, legend, options) => html`<fieldset><legend>${legend}</legend><div class="choices">${options.map(([value, label]) => html`<label class="check-row" key=${label}>
    <input type="radio" name=${name} checked=${preference(name) === value} onChange=${() => { prefer(name, value); draw((n) => n + 1); }}/>${label}</label>`)}</div></fieldset>`;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return html`<section aria-label=${strings.settings.appearance}>
    ${choice("theme", strings.settings.theme, [["system", strings.settings.themeSystem], ["light", strings.settings.themeLight], ["dark", strings.settings.themeDark]])}
    ${choice("utc", strings.settings.times, [[false, strings.settings.timesLocal({zone})], [true, "UTC"]])}
    ${choice("halfDays", strings.settings.hours, [[false, "13:36"], [true, strings.settings.halfDays]])}
    ${choice("density", strings.settings.density, [["roomy", strings.settings.roomy], ["compact", strings.settings.compact]])}
    ${choice("highlight", strings.settings.pointer, [[true, strings.settings.pointerLit], [false, strings.settings.pointerNotLit]])}
    ${choice("shortcuts", strings.settings.shortcuts, [[true, strings.settings.on], [false, strings.settings.offExceptCtrl]])}
    <p class="muted small">${strings.settings.keptHere}</p></section>`;
}

function Keys({who, onSignedIn}) {
  const [keys, setKeys] = useState(null);
  const [error, setError] = useState(null);
  const [made, setMade] = useState(null);
  const [revoking, setRevoking] = useState(null);
  const load = () => get("/keys").then((answer) => { setKeys(answer.keys); setError(null); }, setError).finally(ready);
  useEffect(() => { load(); }, []);
  const make = async (event) => {
    event.preventDefault();
    const form = event.target, given = new FormData(form), days = Number(given.get("days"));
    try {
      const key = await post("/keys", {name: given.get("name").trim(), scope: given.get("scope"), ...(days ? {expiresAt: Date.now() + days * DAY_MS} : {})});
      setMade(key);
      // With its first key an open server closes; this browser goes on with that key.
      if (!who?.authRequired) { await signIn(key.key); onSignedIn(); }
      form.reset();
      load();
    } catch (failure) { toastError(failure); }
  };
  const revoke = async () => { try { await remove(`/keys/${encodeURIComponent(revoking.id)}`); toast(strings.settings.revoked({name: revoking.name})); } catch (failure) { toastError(failure); } setRevoking(null); load(); };
  return html`<section aria-label=${strings.settings.keys}>
    <p class="muted">${strings.settings.keysHint({open: who?.authRequired ? "" : strings.settings.openServer})}</p>
    ${made && html`<div class="card key-shown" role="status"><p><b>${made.name}</b> ${strings.settings.copyNow({scope: made.scope})}</p><div class="code-box"><pre><code>${made.key}</code></pre><${CopyButton} text=${made.key} iconOnly label=${strings.settings.copyKey}/></div>
      <button type="button" class="button small" onClick=${() => setMade(null)}>${strings.common.done}</button></div>`}
    <form class="form-row" onSubmit=${make}><label class="field"><span>${strings.common.name}</span><input class="input" name="name" required placeholder=${strings.settings.example}/></label>
      <label class="field"><span>${strings.settings.scope}</span><select class="select" name="scope"><option value="write">${strings.settings.write}</option><option value="read">${strings.settings.read}</option><option value="admin">${strings.settings.admin}</option></select></label>
      <label class="field"><span>${strings.settings.expires}</span><select class="select" name="days"><option value="0">${strings.settings.never}</option><option value="30">${strings.settings.inMonth}</option><option value="90">${strings.settings.inQuarter}</option><option value="365">${strings.settings.inYear}</option></select></label>
      <button type="submit" class="button primary"><${Icon} name="plus"/>${strings.settings.makeKey}</button></form>
    ${error ? html`<${ErrorCard} error=${error} retry=${load}/>` : keys && (keys.length ? html`<div class="table-box" tabindex="0" role="region" aria-label=${strings.settings.keyList}><table class="table"><thead><tr><th scope="col">${strings.common.name}</th><th scope="col">${strings.settings.scope}</th><th scope="col">${strings.settings.beginsWith}</th><th scope="col">${strings.settings.made}</th><th scope="col">${strings.settings.lastUsed}</th><th scope="col">${strings.settings.expires}</th><th scope="col"><span class="visually-hidden">${strings.settings.actions}</span></th></tr></thead>
      <tbody>${keys.map((key) => html`<tr key=${key.id}><th scope="row">${key.name}</th><td>${key.scope}</td><td><code>${key.prefix}…</code></td><td><${Moment} ms=${key.createdAt}/></td><td>${key.lastUsedAt ? html`<${Moment} ms=${key.lastUsedAt}/>` : html`<span class="muted">${strings.settings.never}</span>`}</td><td>${key.expiresAt ? html`<${Moment} ms=${key.expiresAt}/>` : html`<span class="muted">${strings.settings.never}</span>`}</td>
        <td><button type="button" class="button small danger" onClick=${() => setRevoking(key)} aria-label=${strings.settings.revokeKey({name: key.name})}>${strings.settings.revoke}</button></td></tr>`)}</tbody></table></div>` : html`<p class="muted">${strings.settings.noKey}</p>`)}
    ${revoking && html`<${Dialog} title=${strings.settings.revokeQuestion({name: revoking.name})} onClose=${() => setRevoking(null)}><p>${strings.settings.revokeHint}</p><button type="button" class="button danger" onClick=${revoke}>${strings.settings.revoke}</button></${Dialog}>`}</section>`;
}
