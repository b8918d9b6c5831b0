/**
 * `<log-view>`: a run's console output, any number of lines; pages of it are fetched as they come into view.
 * @fires log-follow `{follow}` when scrolling changed it  @fires log-line `{number, time}` when a line was chosen
 * @module
 */
import {get, query} from "../api.js";
import {busy} from "../idle.js";
import {ansiParts, collapseReturns, plainText} from "../lib/ansi.js";
import {VirtualRows} from "./virtual-rows.js";

const ROW = 20, PAGE = 1000, PAGES_KEPT = 30;

export class LogView extends HTMLElement {
  #rows; #path = ""; #total = 0; #first = 1; #pages = new Map(); #loading = new Set(); #follow = true; #found = null; #collapse = true; #target = null; #ignoreScroll = false; #listeners;

  connectedCallback() {
    this.tabIndex = 0;
    this.setAttribute("role", "log");
    this.setAttribute("aria-live", "off");
    this.setAttribute("aria-label", "Console output");
    this.#listeners = new AbortController();
    this.#rows = new VirtualRows(this, {rowHeight: ROW, make: makeRow, fill: (row, index) => this.#fill(row, index), onWindow: (first, last) => this.#need(first, last)});
    this.addEventListener("scroll", () => this.#scrolled(), {passive: true, signal: this.#listeners.signal});
    this.addEventListener("click", (event) => this.#click(event), {signal: this.#listeners.signal});
    if (this.#path) this.#start();
  }

  disconnectedCallback() { this.#listeners.abort(); this.#rows.close(); this.replaceChildren(); }

  /** The run whose lines are shown. */
  set run(id) {
    const path = `/runs/${encodeURIComponent(id)}/logs`;
    if (path === this.#path) return;
    this.#path = path;
    if (this.isConnected) this.#start();
  }

  get total() { return this.#total; }
  get follow() { return this.#follow; }
  set follow(follow) { this.#follow = follow; if (follow) this.#toEnd(); }
  /** Shows progress bars only in their last state. */
  set collapse(collapse) { this.#collapse = collapse; this.#rows?.draw(true); }
  /** Marks a line and scrolls to it. */
  set target(number) { this.#target = number; this.#follow = false; this.#scrollTo(number - this.#first); }

  /** More lines exist now. */
  grow(total) {
    if (total <= this.#total) return;
    const last = Math.floor((this.#total - 1) / PAGE);
    this.#total = total;
    this.#pages.delete(last);           // the page that was not full
    this.#apply();
  }

  /** Shows only lines that match; `null` shows all. @param {RegExp|null} pattern @param {"all"|"stderr"} stream @returns {Promise<number>} how many */
  async search(pattern, stream) {
    if (!pattern && stream === "all") { this.#found = null; this.#apply(); return this.#total; }
    const found = [], done = busy();
    try {
      for (let page = 0; page * PAGE < this.#total; page++) {
        for (const line of await this.#page(page)) if ((stream === "all" || line.stream === stream) && (!pattern || pattern.test(plainText(line.text)))) found.push(line);
      }
    } finally { done(); }
    this.#found = found;
    this.#pattern = pattern;
    this.#apply();
    return found.length;
  }
  #pattern = null;

  /** All lines as text. */
  async text() {
    const lines = [];
    for (let page = 0; page * PAGE < this.#total; page++) for (const line of await this.#page(page)) lines.push(plainText(line.text));
    return `${lines.join("\n")}\n`;
  }

  async #start() {
    const answer = await get(`${this.#path}${query({limit: 1})}`);
    this.#total = answer.total;
    this.#first = answer.lines[0]?.number ?? 1;
    this.#apply();
    if (this.#target) this.#scrollTo(this.#target - this.#first); else if (this.#follow) this.#toEnd();
    this.dispatchEvent(new CustomEvent("log-ready", {detail: {total: this.#total}}));
  }

  #apply() {
    this.#rows.count = this.#found ? this.#found.length : this.#total;
    this.#rows.draw(true);
    if (this.#follow && !this.#found) this.#toEnd();
  }

  #toEnd() { this.#scrollTo(this.#total); }

  #scrollTo(index) {
    if (!this.#rows) return;
    this.#ignoreScroll = true;
    requestAnimationFrame(() => { this.#rows.draw(); requestAnimationFrame(() => {
      const share = this.#total ? index / this.#total : 0;
      this.scrollTop = this.#total * ROW <= this.scrollHeight + 1 ? Math.max(0, index * ROW - this.clientHeight / 2) : share * this.scrollHeight;
      setTimeout(() => { this.#ignoreScroll = false; }, 50);
    }); });
  }

  #scrolled() {
    if (this.#ignoreScroll) return;
    const atEnd = this.scrollTop + this.clientHeight >= this.scrollHeight - ROW;
    if (atEnd === this.#follow) return;
    this.#follow = atEnd;
    this.dispatchEvent(new CustomEvent("log-follow", {detail: {follow: atEnd}}));
  }

  #need(first, last) {
    if (this.#found || this.#total === 0) return;
    for (let page = Math.floor(first / PAGE); page <= Math.floor(Math.max(first, last - 1) / PAGE); page++) {
      if (!this.#pages.has(page) && page * PAGE < this.#total) this.#page(page).then(() => this.#rows.draw(true), () => {});
    }
  }

  async #page(page) {
    const held = this.#pages.get(page);
    if (held) return held;
    const loading = get(`${this.#path}${query({after: this.#first - 1 + page * PAGE, limit: PAGE})}`).then(({lines}) => lines);
    this.#pages.set(page, loading);
    try {
      const lines = await loading;
      this.#pages.set(page, lines);
      if (this.#pages.size > PAGES_KEPT) this.#pages.delete(this.#pages.keys().next().value);
      return lines;
    } catch (error) {
      this.#pages.delete(page);
      throw error;
    }
  }

  #line(index) {
    if (this.#found) return this.#found[index];
    const page = this.#pages.get(Math.floor(index / PAGE));
    return Array.isArray(page) ? page[index % PAGE] : null;
  }

  #fill(row, index) {
    const [number, time, text] = row.children;
    const line = this.#line(index);
    row.classList.toggle("stderr", line?.stream === "stderr");
    row.classList.toggle("target", line?.number === this.#target && this.#target !== null);
    number.textContent = line ? String(line.number) : "";
    number.href = line ? `#line-${line.number}` : "#";
    number.setAttribute("aria-label", line ? `Link to line ${line.number}` : "");
    time.textContent = line ? clock(line.time) : "";
    if (line) time.title = new Date(line.time / 1000).toISOString();
    text.replaceChildren(...(line ? this.#spans(line.text) : []));
    row.title = line?.stream === "stderr" ? "standard error" : "";
  }

  #spans(text) {
    const shown = this.#collapse ? collapseReturns(text) : text.replaceAll("\r", "␍");
    return ansiParts(shown).flatMap(({text: part, classes}) => {
      const nodes = this.#found && this.#pattern ? marked(part, this.#pattern) : [part];
      if (classes.length === 0) return nodes;
      const span = document.createElement("span");
      span.className = classes.join(" ");
      span.append(...nodes);
      return [span];
    });
  }

  #click(event) {
    const link = event.target.closest?.(".log-number");
    if (!link) return;
    event.preventDefault();
    const number = Number(link.textContent);
    this.#target = number;
    this.#rows.draw(true);
    this.dispatchEvent(new CustomEvent("log-line", {detail: {number}}));
  }
}

function makeRow() {
  const row = document.createElement("div");
  row.className = "log-row";
  row.innerHTML = `<a class="log-number" tabindex="-1"></a><span class="log-time"></span><span></span>`;
  return row;
}

const clock = (us) => new Date(us / 1000).toISOString().slice(11, 23);

function marked(text, pattern) {
  const nodes = [], global = new RegExp(pattern.source, "gi");
  let at = 0;
  for (const match of text.matchAll(global)) {
    if (!match[0]) continue;
    nodes.push(text.slice(at, match.index));
    const mark = document.createElement("mark");
    mark.textContent = match[0];
    nodes.push(mark);
    at = match.index + match[0].length;
  }
  return [...nodes, text.slice(at)];
}

customElements.define("log-view", LogView);
