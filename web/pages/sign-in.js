/** Signing in with an API key. The key goes to the server once and is kept nowhere in the browser. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {signIn} from "../api.js";
import {ready} from "../idle.js";

export default function SignIn({who, onSignedIn}) {
  const [error, setError] = useState(who?.error?.status && who.error.status !== 401 ? who.error : null);
  const [busy, setBusy] = useState(false);
  useEffect(() => { document.title = "Sign in · Track"; ready(); }, []);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try { await signIn(new FormData(event.target).get("key").trim()); onSignedIn(); } catch (failure) { setError(failure); }
    setBusy(false);
  };
  return html`<main id="main" class="sign-in"><form onSubmit=${submit} class="card">
    <h1>Sign in</h1>
    <p class="muted">This server asks for an API key. <code>track key create</code> on the server makes one; whoever runs it can send you one.</p>
    <label class="field"><span>API key</span><input class="input mono" name="key" type="password" autocomplete="off" spellcheck="false" required placeholder="trk-…" aria-describedby="key-error" autofocus/></label>
    <p id="key-error" class="error-text" role="alert">${error ? error.message : ""}</p>
    <button type="submit" class="button primary" disabled=${busy}>${busy ? "Signing in…" : "Sign in"}</button>
  </form></main>`;
}
