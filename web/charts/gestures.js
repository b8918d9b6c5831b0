/**
 * Turns pointers over a plot into what they mean: hover, zoom by dragging, pan, pinch, wheel.
 * @module
 *
 * @typedef {object} GestureTarget
 * @property {(x: number, y: number, touch: boolean) => void} hover  @property {() => void} leave
 * @property {(x: number, y: number, touch: boolean) => void} click  @property {() => void} reset
 * @property {(box: {left: number, top: number, right: number, bottom: number}|null, kind: "x"|"y"|"box") => void} select while dragging, null when given up
 * @property {(box: object, kind: "x"|"y"|"box") => void} zoom at the end of a drag
 * @property {(dx: number, dy: number) => void} pan in fractions of the plot, since the last call
 * @property {(factor: number, at: number) => void} scale x around a place in 0…1; factor < 1 zooms in
 * @property {() => void} settle a pan or pinch has ended
 */

/** A drag shorter than this is a click; CSS pixels. */
const THRESHOLD = 5;
/** A touch this long without moving pins. */
const LONG_PRESS_MS = 500;

export class Gestures {
  #over; #target; #drag = null; #touches = new Map(); #pinch = null; #press = 0;

  /** @param {HTMLElement} over  @param {GestureTarget} target  @param {AbortSignal} signal */
  constructor(over, target, signal) {
    this.#over = over;
    this.#target = target;
    const on = (name, handler, options = {}) => over.addEventListener(name, handler, {signal, ...options});
    on("pointerdown", (event) => this.#down(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#up(event));
    on("pointercancel", (event) => this.#cancel(event));
    on("pointerleave", (event) => { if (!this.#drag && event.pointerType !== "touch") target.leave(); });
    on("dblclick", () => target.reset());
    on("wheel", (event) => this.#wheel(event), {passive: false});
  }

  /** Gives up a drag, as by Esc. @returns {boolean} whether there was one */
  cancel() {
    if (!this.#drag) return false;
    this.#drag = null;
    this.#target.select(null, "x");
    return true;
  }

  #place(event) {
    const box = this.#over.getBoundingClientRect();
    return {x: event.clientX - box.left, y: event.clientY - box.top, width: box.width, height: box.height};
  }

  #down(event) {
    const at = this.#place(event);
    if (event.pointerType === "touch") { this.#touchDown(event, at); return; }
    if (event.button > 1) return;
    event.preventDefault();
    this.#over.setPointerCapture(event.pointerId);
    const pan = event.button === 1 || event.shiftKey;
    this.#drag = {start: at, last: at, pan, moved: false};
    this.#over.closest("figure")?.focus({preventScroll: true});
    if (pan) this.#over.classList.add("panning");
  }

  #move(event) {
    const at = this.#place(event);
    if (this.#touches.has(event.pointerId)) { this.#touchMove(event, at); return; }
    const drag = this.#drag;
    if (!drag) { this.#target.hover(at.x, at.y, false); return; }
    drag.moved ||= Math.hypot(at.x - drag.start.x, at.y - drag.start.y) >= THRESHOLD;
    if (!drag.moved) return;
    if (drag.pan) this.#target.pan((at.x - drag.last.x) / at.width, (at.y - drag.last.y) / at.height);
    else this.#target.select(...selection(drag.start, at, event.altKey));
    drag.last = at;
  }

  #up(event) {
    this.#over.classList.remove("panning");
    if (this.#touches.has(event.pointerId)) { this.#touchUp(event); return; }
    const drag = this.#drag, at = this.#place(event);
    this.#drag = null;
    if (!drag) return;
    if (!drag.moved) { if (event.button === 0) this.#target.click(at.x, at.y, false); return; }
    if (drag.pan) { this.#target.settle(); return; }
    this.#target.select(null, "x");
    this.#target.zoom(...selection(drag.start, at, event.altKey));
  }

  #cancel(event) {
    this.#touches.delete(event.pointerId);
    clearTimeout(this.#press);
    this.#pinch = null;
    this.cancel();
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const at = this.#place(event);
    const lines = event.deltaMode === 1 ? 33 : 1;
    this.#target.scale(Math.exp(Math.max(-1, Math.min(1, (event.deltaY * lines) / 300))), at.x / at.width);
  }

  #touchDown(event, at) {
    this.#touches.set(event.pointerId, at);
    clearTimeout(this.#press);
    if (this.#touches.size === 2) { this.#pinch = this.#span(); this.#over.setPointerCapture(event.pointerId); return; }
    this.#press = setTimeout(() => this.#target.click(at.x, at.y, false), LONG_PRESS_MS);
    this.#target.click(at.x, at.y, true);
  }

  #touchMove(event, at) {
    const before = this.#touches.get(event.pointerId);
    this.#touches.set(event.pointerId, at);
    if (Math.hypot(at.x - before.x, at.y - before.y) > 2) clearTimeout(this.#press);
    if (this.#touches.size === 1) { this.#target.hover(at.x, at.y, true); return; }
    const span = this.#span();
    this.#target.pan((span.middle - this.#pinch.middle) / at.width, 0);
    this.#target.scale(this.#pinch.size / Math.max(10, span.size), span.middle / at.width);
    this.#pinch = span;
  }

  #touchUp(event) {
    clearTimeout(this.#press);
    this.#touches.delete(event.pointerId);
    if (!this.#pinch) return;
    this.#pinch = null;
    this.#target.settle();
  }

  #span() {
    const [a, b] = [...this.#touches.values()];
    return {size: Math.abs(a.x - b.x), middle: (a.x + b.x) / 2};
  }
}

/** What a drag from `a` to `b` selects: mostly vertical is y, with Alt a box, else x. */
export function selection(a, b, alt) {
  const box = {left: Math.max(0, Math.min(a.x, b.x)), right: Math.min(b.width, Math.max(a.x, b.x)),
    top: Math.max(0, Math.min(a.y, b.y)), bottom: Math.min(b.height, Math.max(a.y, b.y))};
  const kind = alt ? "box" : Math.abs(b.y - a.y) > 2 * Math.abs(b.x - a.x) ? "y" : "x";
  if (kind === "x") Object.assign(box, {top: 0, bottom: b.height});
  if (kind === "y") Object.assign(box, {left: 0, right: b.width});
  return [box, kind];
}
