/** Small pieces of markup that every page uses. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {formatAgo, formatTime} from "../charts/format.js";
import {runColor, runDash} from "../charts/colors.js";
import {preference, themeNow} from "../preferences.js";
import {setIcon} from "../sprite.js";
import {stateOf, stateParts} from "../lib/run-state.js";
import * as strings from "../strings.js";

/** An icon of the sprite; decoration only, so the text or label beside it names the thing. */
export const Icon = ({name, size = 16, className = ""}) =>
  html`<svg class=${`icon ${className}`} width=${size} height=${size} aria-hidden="true" focusable="false"><use ref=${(use) => use && setIcon(use, name)}/></svg>`;

/** A button that is only an icon, named for those who cannot see it. */
export const IconButton = ({icon, label, size = 16, className = "", ...rest}) =>
  html`<button type="button" class=${`icon-button ${className}`} aria-label=${label} title=${label} ...${rest}><${Icon} name=${icon} size=${size}/></button>`;

export function StateMark({run}) {
  const state = stateOf(run);
  const [icon, word] = stateParts(state);
  return html`<span class=${`state state-${state}`}><${Icon} name=${icon} size=${14}/>${word}</span>`;
}

/** The run's colour as a short stroke in its line style, so that it is told apart without colour too. */
export function RunSwatch({run}) {
  const color = runColor(run.color, themeNow());
  const dashes = ["", "5 3", "1.5 2.5", "6 2 1.5 2"][runDash(run.color)];
  return html`<svg class="swatch" width="16" height="10" aria-hidden="true"><line x1="1" y1="5" x2="15" y2="5" stroke=${color} stroke-width="3" stroke-dasharray=${dashes} stroke-linecap="round"/></svg>`;
}

/** A moment as "3 min ago", exact on hover. */
export function Moment({ms}) {
  const [, tick] = useState(0);
  const recent = Math.abs(Date.now() - ms) < 86_400_000;
  useEffect(() => {
    if (!recent) return undefined;
    const timer = setInterval(() => tick((n) => n + 1), 30_000);
    return () => clearInterval(timer);
  }, [recent]);
  if (!ms) return html`<span class="muted">—</span>`;
  return html`<time datetime=${new Date(ms).toISOString()} title=${exactTime(ms)}>${formatAgo(ms, Date.now(), {utc: preference("utc")})}</time>`;
}

/** ISO 8601 with zone. */
export function exactTime(ms) {
  if (preference("utc")) return new Date(ms).toISOString();
  const offset = -new Date(ms).getTimezoneOffset();
  const two = (n) => String(Math.floor(Math.abs(n))).padStart(2, "0");
  const local = new Date(ms + offset * 60_000).toISOString().slice(0, 19);
  return `${local}${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
}

export const timeText = (ms) => formatTime(ms, {utc: preference("utc"), seconds: true});

/** What went wrong, in the server's words, with the way on. */
export function ErrorCard({error, retry}) {
  const facts = [error.status ? `HTTP ${error.status}` : strings.server.noAnswerWord, error.code, error.requestId && strings.server.request({id: error.requestId})].filter(Boolean).join(" · ");
  return html`<div class="notice notice-error" role="alert">
    <${Icon} name="triangle-alert" size=${20}/>
    <div><p>${error.message}</p><p class="muted small">${facts}</p></div>
    ${retry && html`<button type="button" class="button" onClick=${retry}><${Icon} name="rotate-ccw"/>${strings.common.tryAgain}</button>`}
    <${CopyButton} text=${() => `${error.message}\n${facts}\n${location.href}`} label=${strings.server.copyDetails}/>
  </div>`;
}

/** Nothing here yet, and what to do. */
export const Empty = ({icon = "info", title, children}) =>
  html`<div class="empty"><${Icon} name=${icon} size=${28}/><h2>${title}</h2>${children}</div>`;

/** Copies a text and says so. @param {{text: string | (() => string), label?: string, icon?: boolean}} props */
export function CopyButton({text, label = strings.common.copy, iconOnly = false}) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await copyText(typeof text === "function" ? text() : text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return html`<button type="button" class=${iconOnly ? "icon-button" : "button"} onClick=${copy} aria-label=${iconOnly ? label : undefined} title=${iconOnly ? label : undefined}>
    <${Icon} name=${done ? "check" : "copy"}/>${!iconOnly && (done ? strings.common.copied : label)}</button>`;
}

/** Writes to the clipboard, also on plain HTTP, where the clipboard interface is missing. */
export async function copyText(text) {
  if (navigator.clipboard) {
    try { await navigator.clipboard.writeText(text); return; } catch { /* refused: the way below */ }
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
