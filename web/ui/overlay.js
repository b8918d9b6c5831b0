/** Menus, dialogs and toasts. Each closes with Escape and gives the focus back. @module */
import {html, useEffect, useLayoutEffect, useRef, useState} from "../vendor/preact.js";
import * as strings from "../strings.js";
import {Icon} from "./parts.js";

/**
 * A button with a menu below it. Items: `{label, icon, onSelect, checked, disabled, hint, href}`, or `null` for a line.
 * @param {{label: string, icon?: string, items: any[] | (() => any[]), className?: string, title?: string, text?: any}} props
 */
export function Menu({label, icon, items, className = "button", text = null}) {
  const [open, setOpen] = useState(false);
  const root = useRef(null);
  const close = (refocus) => { setOpen(false); if (refocus) root.current?.querySelector("button")?.focus(); };
  useOutside(root, open, () => close(false));
  useLayoutEffect(() => { if (open) { place(root.current); root.current.querySelector("[role^=menuitem]:not([aria-disabled=true])")?.focus(); } }, [open]);
  const list = open ? (typeof items === "function" ? items() : items) : [];
  const keys = (event) => {
    if (event.key === "Escape") { event.stopPropagation(); close(true); }
    if (event.key === "Tab") close(false);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); moveFocus(root.current, event.key === "ArrowDown" ? 1 : -1); }
  };
  return html`<div class="menu" ref=${root} onKeyDown=${open ? keys : undefined}>
    <button type="button" class=${className} aria-haspopup="menu" aria-expanded=${open ? "true" : "false"} aria-label=${text === null ? label : undefined}
      title=${label} onClick=${() => setOpen(!open)}>${icon && html`<${Icon} name=${icon}/>`}${text}</button>
    ${open && html`<div class="menu-list" role="menu" aria-label=${label}>
      ${list.map((item, i) => item === null ? html`<hr key=${i}/>` : html`<${MenuItem} key=${i} item=${item} close=${close}/>`)}
    </div>`}
  </div>`;
}

function MenuItem({item, close}) {
  const choose = () => { if (item.disabled) return; if (!item.stay) close(true); item.onSelect?.(); };
  const role = item.checked === undefined ? "menuitem" : item.radio ? "menuitemradio" : "menuitemcheckbox";
  const inner = html`<span class="menu-check">${item.checked ? html`<${Icon} name="check"/>` : item.icon ? html`<${Icon} name=${item.icon}/>` : null}</span><span>${item.label}</span>${item.hint && html`<kbd>${item.hint}</kbd>`}`;
  if (item.href) return html`<a role=${role} href=${item.href} tabindex="-1" onClick=${() => close(false)}>${inner}</a>`;
  return html`<button type="button" role=${role} tabindex="-1" aria-checked=${item.checked === undefined ? undefined : String(Boolean(item.checked))}
    aria-disabled=${item.disabled ? "true" : undefined} title=${item.title} onClick=${choose}>${inner}</button>`;
}

function moveFocus(root, by) {
  const items = [...root.querySelectorAll("[role^=menuitem]:not([aria-disabled=true])")];
  items[(items.indexOf(document.activeElement) + by + items.length) % items.length]?.focus();
}

/** Keeps a list inside the window. */
function place(root) {
  const list = root.querySelector(".menu-list, .popover");
  const [box, button] = [list.getBoundingClientRect(), root.getBoundingClientRect()];
  list.classList.toggle("to-left", box.right > innerWidth - 8 && button.right - box.width > 0);
  list.classList.toggle("upward", box.bottom > innerHeight - 8 && button.top > box.height);
}

/** A button with anything below it. */
export function Popover({label, text, icon, className = "button", children, onOpen}) {
  const [open, setOpen] = useState(false);
  const root = useRef(null);
  useOutside(root, open, () => setOpen(false));
  // Before the first paint: a key that is pressed at once must not find the focus moved in between.
  useLayoutEffect(() => {
    if (!open) return;
    place(root.current);
    onOpen?.();
    root.current.querySelector(".popover :is(input,select,button,a)")?.focus();
  }, [open]);
  const keys = (event) => { if (open && event.key === "Escape") { event.stopPropagation(); setOpen(false); root.current.querySelector("button").focus(); } };
  return html`<div class="menu" ref=${root} onKeyDown=${keys}>
    <button type="button" class=${className} aria-haspopup="dialog" aria-expanded=${open ? "true" : "false"} title=${label}
      aria-label=${text ? undefined : label} onClick=${() => setOpen(!open)}>${icon && html`<${Icon} name=${icon}/>`}${text}</button>
    ${open && html`<div class="popover" role="dialog" aria-label=${label}>${typeof children === "function" ? children(() => setOpen(false)) : children}</div>`}
  </div>`;
}

function useOutside(root, open, close) {
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event) => { if (!root.current?.contains(event.target)) close(); };
    document.addEventListener("pointerdown", outside, true);
    return () => document.removeEventListener("pointerdown", outside, true);
  }, [open]);
}

/** A modal dialog; the browser's own, so that focus stays inside and returns. */
export function Dialog({title, onClose, children, className = ""}) {
  const element = useRef(null);
  useLayoutEffect(() => {
    const before = document.activeElement, dialog = element.current;
    dialog.showModal();
    // While it is open everything behind it is inert, and could not take the focus.
    return () => { dialog.close(); if (before instanceof HTMLElement && before.isConnected) before.focus(); };
  }, []);
  return html`<dialog ref=${element} class=${`dialog ${className}`} aria-label=${title} onCancel=${(event) => { event.preventDefault(); onClose(); }}
    onClick=${(event) => { if (event.target === element.current) onClose(); }}>
    <div class="dialog-body"><header class="dialog-head"><h2>${title}</h2>
      <button type="button" class="icon-button" aria-label=${strings.common.close} title=${strings.common.close} onClick=${onClose}><${Icon} name="x"/></button></header>${children}</div>
  </dialog>`;
}

const toasts = [];
let drawToasts = () => {};

/**
 * Says something at the foot of the page.
 * @param {string} message  @param {{undo?: () => void, ms?: number, kind?: "info"|"error", onGone?: () => void}} options
 */
export function toast(message, {undo, ms = undo ? 10_000 : 4000, kind = "info", onGone} = {}) {
  const entry = {message, undo, kind, id: Math.random(), madeAt: performance.now()};
  const drop = (undone) => {
    const at = toasts.indexOf(entry);
    if (at < 0) return;
    toasts.splice(at, 1);
    drawToasts();
    if (!undone) onGone?.();
  };
  entry.close = () => drop(false);
  entry.undoNow = () => { drop(true); undo(); };
  toasts.push(entry);
  drawToasts();
  setTimeout(() => drop(false), ms);
  return entry;
}

/** Says why something failed. @param {{message: string}} error */
export const toastError = (error) => toast(error.message, {kind: "error"});

/** Takes back what the last message on the screen tells of, if that came after a time. @returns {boolean} whether there was such a message */
export function undoLatest(after = 0) {
  const entry = toasts.findLast((each) => each.undo && each.madeAt > after);
  entry?.undoNow();
  return Boolean(entry);
}

export function Toasts() {
  const [, draw] = useState(0);
  useEffect(() => { drawToasts = () => draw((n) => n + 1); return () => { drawToasts = () => {}; }; }, []);
  return html`<div class="toasts" role="region" aria-label=${strings.common.messages}>${toasts.map((entry) => html`<div key=${entry.id} class=${`toast toast-${entry.kind}`} role="status">
    <span>${entry.message}</span>${entry.undo && html`<button type="button" class="button" onClick=${entry.undoNow}>${strings.common.undo}</button>`}
    <button type="button" class="icon-button" aria-label=${strings.common.closeMessage} onClick=${entry.close}><${Icon} name="x"/></button></div>`)}</div>`;
}
