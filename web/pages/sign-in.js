/** Signing in with an API key. The key goes to the server once and is kept nowhere in the browser. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {signIn} from "../api.js";
import {ready} from "../idle.js";
import * as strings from "../strings.js";

export default function SignIn({who, onSignedIn}) {
  const [error, setError] = useState(who?.error?.status && who.error.status !== 401 ? who.error : null);
  const [busy, setBusy] = useState(false);
  useEffect(() => { document.title = strings.signIn.pageTitle; ready(); }, []);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try { await signIn(new FormData(event.target).get("key").trim()); onSignedIn(); } catch (failure) { setError(failure); }
    setBusy(false);
  };
  return html`<main id="main" class="sign-in"><form onSubmit=${submit} class="card">
    <h1>${strings.signIn.title}</h1>
    <p class="muted">${strings.signIn.needsKey} <code>track key create</code> ${strings.signIn.makesOne}</p>
    <label class="field"><span>${strings.signIn.key}</span><input class="input mono" name="key" type="password" autocomplete="off" spellcheck="false" required placeholder=${strings.signIn.example} aria-describedby="key-error" autofocus/></label>
    <p id="key-error" class="error-text" role="alert">${error ? error.message : ""}</p>
    <button type="submit" class="button primary" disabled=${busy}>${busy ? strings.signIn.signingIn : strings.signIn.title}</button>
  </form></main>`;
}
