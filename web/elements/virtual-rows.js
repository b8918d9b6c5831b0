/**
 * A scroll box of any number of rows of one height; only those in view exist.
 * @module
 */
import {scrollScale, windowOf} from "../lib/windowing.js";

export class VirtualRows {
  #box; #spacer; #rows = new Map(); #pool = []; #frame = 0; #observer; #options;
  count = 0;

  /**
   * @param {HTMLElement} box scrolls
   * @param {{rowHeight: number, make: () => HTMLElement, fill: (row: HTMLElement, index: number) => void, onWindow?: (first: number, last: number) => void, offset?: number}} options
   *   `offset` is the height of a sticky header inside the box
   */
  constructor(box, options) {
    this.#box = box;
    this.#options = options;
    this.#spacer = document.createElement("div");
    this.#spacer.className = "virtual-spacer";
    this.#spacer.setAttribute("role", "presentation");
    box.append(this.#spacer);
    box.addEventListener("scroll", () => this.draw(), {passive: true});
    this.#observer = new ResizeObserver(() => this.draw());
    this.#observer.observe(box);
  }

  get spacer() { return this.#spacer; }
  get rowHeight() { return this.#options.rowHeight; }
  /** Another height for every row; the first in view stays the first. */
  set rowHeight(height) {
    if (height === this.#options.rowHeight) return;
    const first = this.#box.scrollTop / this.#options.rowHeight;
    this.#options.rowHeight = height;
    for (const row of this.#rows.values()) this.#pool.push(row);
    this.#rows.clear();
    this.#spacer.style.height = `${this.count * height}px`;
    this.#box.scrollTop = first * height;
    this.draw(true);
  }

  close() { this.#observer.disconnect(); cancelAnimationFrame(this.#frame); }

  /** Draws in the next frame, all visible rows anew if `refill`. */
  draw(refill = false) {
    this.refill ||= refill;
    if (!this.#frame) this.#frame = requestAnimationFrame(() => { this.#frame = 0; this.#draw(); });
  }

  /** Scrolls so that the row is seen. */
  reveal(index) {
    const {rowHeight, offset = 0} = this.#options;
    const top = index * rowHeight, view = this.#box.clientHeight - offset;
    if (top < this.#box.scrollTop) this.#box.scrollTop = top;
    else if (top + rowHeight > this.#box.scrollTop + view) this.#box.scrollTop = top + rowHeight - view;
  }

  row(index) { return this.#rows.get(index) ?? null; }

  #draw() {
    const {rowHeight, make, fill, onWindow, offset = 0} = this.#options;
    const height = this.#box.clientHeight - offset;
    const {content, scale} = scrollScale(this.count, rowHeight, height);
    this.#spacer.style.height = `${content}px`;
    const top = this.#box.scrollTop * scale;
    const {first, last} = windowOf(top, height, rowHeight, this.count);
    const shift = this.#box.scrollTop - top;
    for (const [index, row] of this.#rows) {
      if (index < first || index >= last) { this.#rows.delete(index); this.#pool.push(row); }
    }
    for (let index = first; index < last; index++) {
      let row = this.#rows.get(index);
      const fresh = !row;
      if (fresh) {
        row = this.#pool.pop() ?? make();
        this.#place(row, index);
        if (row.hidden) row.hidden = false;
        this.#rows.set(index, row);
      }
      if (fresh || scale !== 1) row.style.transform = `translateY(${index * rowHeight + shift}px)`;
      if (fresh || this.refill) fill(row, index);
    }
    // Hidden only at the end: most rows that left the view are in it again, further on.
    for (const row of this.#pool) if (!row.hidden) row.hidden = true;
    this.refill = false;
    onWindow?.(first, last);
  }

  /** Rows stand in the document as they do on the screen: they are read, and copied, in that order. */
  #place(row, index) {
    const before = this.#rows.get(index - 1);
    if (before) { if (before.nextSibling !== row) before.after(row); } else if (this.#spacer.firstChild !== row) this.#spacer.prepend(row);
  }
}
