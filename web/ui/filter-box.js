/** The filter of runs as text, with suggestions; errors are underlined where they are. @module */
import {html, useEffect, useRef, useState} from "../vendor/preact.js";
import {isBeginningOfKey, parseFilter, suggest} from "../lib/filter.js";
import {keysOf} from "../lib/run-keys.js";
import * as strings from "../strings.js";
import {onShortcut} from "./shortcuts.js";
import {Icon} from "./parts.js";

const WAIT_MS = 350;

export function FilterBox({store, view, wide = false}) {
  const [text, setText] = useState(view.now.filter);
  const [place, setPlace] = useState(-1);
  const [open, setOpen] = useState(false);
  const box = useRef(null), timer = useRef(0);
  useEffect(() => { if (document.activeElement !== box.current) setText(view.now.filter); }, [view.now.filter]);
  useEffect(() => onShortcut({"/": () => box.current.focus()}), []);
  const parsed = parseFilter(text);
  const refused = !parsed.error && text.trim() === view.now.filter.trim() ? store.filterError : null;
  const error = parsed.error ?? (refused && {message: refused.message});
  const suggestions = open ? suggest(text, box.current?.selectionStart ?? text.length, keysOf(store)) : [];
  const apply = (value) => { clearTimeout(timer.current); if (!parseFilter(value).error) view.set({filter: value.trim()}, {key: "filter"}); };
  const input = (event) => {
    const {value} = event.target;
    setText(value); setOpen(true); setPlace(-1);
    clearTimeout(timer.current);
    // A key that is being typed is no filter yet: it would hide every run until its comparison follows.
    if (!isBeginningOfKey(value, keysOf(store))) timer.current = setTimeout(() => apply(value), WAIT_MS);
  };
  const take = (suggestion) => {
    setText(suggestion.text);
    setPlace(-1);
    requestAnimationFrame(() => { box.current.focus(); box.current.setSelectionRange(suggestion.caret, suggestion.caret); });
    clearTimeout(timer.current);
    if (!isBeginningOfKey(suggestion.text, keysOf(store))) timer.current = setTimeout(() => apply(suggestion.text), WAIT_MS);
  };
  const keys = (event) => {
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && suggestions.length) { event.preventDefault(); setPlace((place + (event.key === "ArrowDown" ? 1 : -1) + suggestions.length) % suggestions.length); }
    if ((event.key === "Enter" || event.key === "Tab") && suggestions[place]) { event.preventDefault(); take(suggestions[place]); return; }
    if (event.key === "Enter") { apply(text); setOpen(false); }
    if (event.key === "Escape") { if (open && suggestions.length) { event.stopPropagation(); setOpen(false); } else box.current.blur(); }
  };
  return html`<div class=${`search filter ${wide ? "wide" : ""} ${error ? "invalid" : ""}`}>
    <${Icon} name="funnel"/>
    <input ref=${box} class="input" type="search" role="combobox" aria-expanded=${suggestions.length ? "true" : "false"} aria-controls="filter-list" aria-autocomplete="list"
      aria-label=${strings.filter.runs} placeholder=${wide ? strings.filter.example : strings.filter.runs} spellcheck="false" autocomplete="off" value=${text} aria-invalid=${error ? "true" : undefined} aria-describedby="filter-error"
      aria-activedescendant=${place >= 0 ? `filter-${place}` : undefined} onInput=${input} onKeyDown=${keys} onFocus=${() => setOpen(true)} onBlur=${() => { setTimeout(() => setOpen(false), 120); apply(text); }}/>
    ${error && html`<p id="filter-error" class="filter-error" role="status">${error.at !== undefined ? html`<span class="mono">${text.slice(0, error.at)}<u>${text.slice(error.at, error.end) || " "}</u></span> ` : ""}${error.message}</p>`}
    ${!error && html`<p id="filter-error" hidden></p>`}
    ${suggestions.length > 0 && !error?.hard && html`<ul id="filter-list" class="suggestions" role="listbox" aria-label=${strings.filter.suggestions}>${suggestions.map((each, i) => html`<li key=${each.label} id=${`filter-${i}`} role="option" aria-selected=${i === place ? "true" : "false"}
      onPointerDown=${(event) => { event.preventDefault(); take(each); }}><span class="mono">${each.label}</span><span class="muted small">${each.note}</span></li>`)}</ul>`}
  </div>`;
}
