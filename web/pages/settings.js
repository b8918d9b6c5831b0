/** API keys and appearance. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {address} from "../router.js";
import {get, post, remove, signIn} from "../api.js";
import {ready} from "../idle.js";
import {prefer, preference} from "../preferences.js";
import {CopyButton, ErrorCard, Icon, Moment} from "../ui/parts.js";
import {Dialog, toast} from "../ui/overlay.js";

const DAY_MS = 86_400_000;

export default function Settings({tab, who, onSignedIn}) {
  useEffect(() => { document.title = `${tab === "keys" ? "API keys" : "Appearance"} · Settings · Track`; }, [tab]);
  return html`<main id="main" class="page"><div class="page-head"><h1>Settings</h1></div><div class="settings">
    <nav aria-label="Settings">${[["appearance", "Appearance"], ["keys", "API keys"]].map(([key, label]) => html`<a key=${key} href=${address(["settings", key])} aria-current=${key === tab ? "page" : undefined}>${label}</a>`)}</nav>
    ${tab === "keys" ? html`<${Keys} who=${who} onSignedIn=${onSignedIn}/>` : html`<${Appearance}/>`}</div></main>`;
}

function Appearance() {
  const [, draw] = useState(0);
  useEffect(() => { ready(); }, []);
  const choice = (name, legend, options) => html`<fieldset><legend>${legend}</legend><div class="choices">${options.map(([value, label]) => html`<label class="check-row" key=${label}>
    <input type="radio" name=${name} checked=${preference(name) === value} onChange=${() => { prefer(name, value); draw((n) => n + 1); }}/>${label}</label>`)}</div></fieldset>`;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return html`<section aria-label="Appearance">
    ${choice("theme", "Theme", [["system", "As the system"], ["light", "Light"], ["dark", "Dark"]])}
    ${choice("utc", "Times", [[false, `Local (${zone})`], [true, "UTC"]])}
    ${choice("halfDays", "Hours", [[false, "13:36"], [true, "1:36 pm"]])}
    ${choice("density", "Density", [["roomy", "Roomy"], ["compact", "Compact"]])}
    ${choice("highlight", "The run under the pointer", [[true, "Lit in every chart"], [false, "Not lit"]])}
    ${choice("shortcuts", "Keyboard shortcuts", [[true, "On"], [false, "Off, except with Ctrl"]])}
    <p class="muted small">Kept in this browser only.</p></section>`;
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
    } catch (failure) { toast(failure.message, {kind: "error"}); }
  };
  const revoke = async () => { try { await remove(`/keys/${encodeURIComponent(revoking.id)}`); toast(`Key ${revoking.name} revoked`); } catch (failure) { toast(failure.message, {kind: "error"}); } setRevoking(null); load(); };
  return html`<section aria-label="API keys">
    <p class="muted">Programs sign in with a key. ${who?.authRequired ? "" : "This server is open on this machine until the first key is made; from then on every program and browser needs one."}</p>
    ${made && html`<div class="card key-shown" role="status"><p><b>${made.name}</b> (${made.scope}). Copy it now: it is shown this once.</p><div class="code-box"><pre><code>${made.key}</code></pre><${CopyButton} text=${made.key} iconOnly label="Copy the key"/></div>
      <button type="button" class="button small" onClick=${() => setMade(null)}>Done</button></div>`}
    <form class="form-row" onSubmit=${make}><label class="field"><span>Name</span><input class="input" name="name" required placeholder="laptop"/></label>
      <label class="field"><span>Scope</span><select class="select" name="scope"><option value="write">write</option><option value="read">read</option><option value="admin">admin</option></select></label>
      <label class="field"><span>Expires</span><select class="select" name="days"><option value="0">never</option><option value="30">in 30 days</option><option value="90">in 90 days</option><option value="365">in a year</option></select></label>
      <button type="submit" class="button primary"><${Icon} name="plus"/>Make key</button></form>
    ${error ? html`<${ErrorCard} error=${error} retry=${load}/>` : keys && (keys.length ? html`<div class="table-box" tabindex="0" role="region" aria-label="Keys"><table class="table"><thead><tr><th scope="col">Name</th><th scope="col">Scope</th><th scope="col">Begins with</th><th scope="col">Made</th><th scope="col">Last used</th><th scope="col">Expires</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
      <tbody>${keys.map((key) => html`<tr key=${key.id}><th scope="row">${key.name}</th><td>${key.scope}</td><td><code>${key.prefix}…</code></td><td><${Moment} ms=${key.createdAt}/></td><td>${key.lastUsedAt ? html`<${Moment} ms=${key.lastUsedAt}/>` : html`<span class="muted">never</span>`}</td><td>${key.expiresAt ? html`<${Moment} ms=${key.expiresAt}/>` : html`<span class="muted">never</span>`}</td>
        <td><button type="button" class="button small danger" onClick=${() => setRevoking(key)} aria-label=${`Revoke ${key.name}`}>Revoke</button></td></tr>`)}</tbody></table></div>` : html`<p class="muted">No key yet.</p>`)}
    ${revoking && html`<${Dialog} title=${`Revoke ${revoking.name}?`} onClose=${() => setRevoking(null)}><p>Programs that use it are refused from now on. This cannot be undone.</p><button type="button" class="button danger" onClick=${revoke}>Revoke</button></${Dialog}>`}</section>`;
}
