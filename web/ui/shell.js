/** The frame around every page: top bar, banner, help, palette. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {PREFIX, address, go} from "../router.js";
import {isReachable, onReachable, signOut} from "../api.js";
import {prefer, preference, themeNow} from "../preferences.js";
import * as strings from "../strings.js";
import {Icon, IconButton} from "./parts.js";
import {Menu} from "./overlay.js";
import {fetchWhenIdle, lazy} from "./lazy.js";
import {ProjectSwitcher} from "./project-switcher.js";
import {onShortcut} from "./shortcuts.js";
import {LiveDot} from "./live-dot.js";

const loadHelp = () => import("./help.js"), loadPalette = () => import("./palette.js");
const Help = lazy(loadHelp, "Help");
const Palette = lazy(loadPalette, "Palette");
fetchWhenIdle(loadHelp, loadPalette, () => import("../print.js"));

export function toggleTheme() { prefer("theme", themeNow() === "dark" ? "light" : "dark"); }

export function Shell({route, who, onIdentity, bare, children}) {
  const [overlay, setOverlay] = useState(null);
  useEffect(() => onShortcut({
    "?": () => setOverlay("help"), "mod+k": () => setOverlay("palette"), t: toggleTheme,
  }), []);
  const skip = (event) => { event.preventDefault(); const main = document.getElementById("main"); main?.setAttribute("tabindex", "-1"); main?.focus(); };
  return html`<div class="shell">
    <a class="skip" href="#main" onClick=${skip}>${strings.app.skip}</a>
    <header class="top">
      <a class="home" href=${address([])} aria-label=${strings.app.allProjects}><img src=${`${PREFIX}icons/track.svg`} alt="" width="22" height="22"/><span>${strings.app.name}</span></a>
      ${!bare && html`<${ProjectSwitcher} project=${route.project}/>`}
      <span class="spring"></span>
      ${!bare && html`<button type="button" class="search-button" onClick=${() => setOverlay("palette")} aria-label=${strings.palette.title}>
        <${Icon} name="search"/><span>${strings.app.search}</span><kbd>${strings.keyboard.ctrlK}</kbd></button>`}
      ${route.project && !bare && html`<${LiveDot} project=${route.project}/>`}
      <${IconButton} icon=${themeNow() === "dark" ? "sun" : "moon"} label=${themeNow() === "dark" ? strings.app.lightTheme : strings.app.darkTheme} onClick=${toggleTheme}/>
      ${!bare && html`<${UserMenu} who=${who} onIdentity=${onIdentity} onHelp=${() => setOverlay("help")}/>`}
    </header>
    <${Banner}/>
    ${children}
    ${overlay === "help" && html`<${Help} onClose=${() => setOverlay(null)}/>`}
    ${overlay === "palette" && html`<${Palette} project=${route.project} onClose=${() => setOverlay(null)}/>`}
  </div>`;
}

function UserMenu({who, onIdentity, onHelp}) {
  const items = [
    {label: strings.settings.appearance, icon: "palette", onSelect: () => go(address(["settings", "appearance"]))},
    {label: strings.settings.keys, icon: "key", onSelect: () => go(address(["settings", "keys"]))},
    {label: strings.keyboard.title, icon: "keyboard", hint: "?", onSelect: onHelp},
    ...(who?.authRequired && who.signedIn ? [null, {label: strings.app.signOut, icon: "log-out", onSelect: async () => { await signOut(); onIdentity(); }}] : []),
  ];
  return html`<${Menu} label=${strings.app.settingsAndHelp} icon="settings" className="icon-button" items=${items}/>`;
}

/** Says that the server does not answer; what is on the screen stays. */
function Banner() {
  const [reachable, setReachable] = useState(isReachable());
  useEffect(() => { setReachable(isReachable()); return onReachable(setReachable); }, []);
  if (reachable) return null;
  return html`<div class="banner" role="alert"><${Icon} name="wifi-off"/><span>${strings.app.offline}</span></div>`;
}
