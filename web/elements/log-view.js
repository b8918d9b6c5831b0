/**
 * `<log-view>`: a run's console output, any number of lines; pages of it are fetched as they come into view.
 * @fires log-follow `{follow}` when scrolling changed it  @fires log-line `{number, time}` when a line was chosen
 * @module
 */
import {get, query} from "../api.js";
import {busy} from "../idle.js";
import {ansiParts, collapseReturns, plainText} from "../lib/ansi.js";
import {isAtLeast} from "../lib/log-level.js";
import * as strings from "../strings.js";
import {VirtualRows} from "./virtual-rows.js";

const ROW = 20, PAGE = 1000, PAGES_KEPT = 30;
/** A search reads the log in parts of this many lines, the most that the server gives at once. */
const SEARCH_PAGE = 10_000;

export class LogView extends HTMLElement {
  #rows; #path = ""; #total = 0; #first = 1; #pages = new Map(); #follow = true; #collapse = true; #target = null; #ownTop = -1; #frame = 0; #listeners;
  /** Places of the lines that match, in ascending order; null shows all. @type {number[]|null} */ #found = null;
  #wanted = {pattern: null, stream: "all", level: "all"}; #searching = new AbortController();

  connectedCallback() {
    this.tabIndex = 0;
    this.setAttribute("role", "log");
    this.setAttribute("aria-live", "off");
    this.setAttribute("aria-label", strings.log.title);
    this.#listeners = new AbortController();
    this.#rows = new VirtualRows(this, {rowHeight: ROW, make: makeRow, fill: (row, index) => this.#fill(row, index), onWindow: (first, last) => this.#need(first, last)});
    this.addEventListener("scroll", () => this.#scrolled(), {passive: true, signal: this.#listeners.signal});
    this.addEventListener("click", (event) => this.#click(event), {signal: this.#listeners.signal});
    if (this.#path) this.#start();
  }

  disconnectedCallback() {
    this.#listeners.abort();
    this.#searching.abort();
    cancelAnimationFrame(this.#frame);
    this.#rows.close();
    this.replaceChildren();
  }

  /** The run whose lines are shown. */
  set run(id) {
    const path = `/runs/${encodeURIComponent(id)}/logs`;
    if (path === this.#path) return;
    this.#path = path;
    if (this.isConnected) this.#start();
  }

  /** The address of the run's charts, for links from a line's time. */
  charts = "";

  get total() { return this.#total; }
  get follow() { return this.#follow; }
  set follow(follow) { this.#follow = follow; if (follow) this.#toEnd(); }
  /** Shows progress bars only in their last state. */
  set collapse(collapse) { this.#collapse = collapse; this.#rows?.draw(true); }
  /** Marks a line and scrolls to it. */
  set target(number) { this.#target = number; this.#follow = false; this.#scrollTo(number - this.#first); }

  /** Marks the first line at or after a time, in microseconds since 1970. O(log *n*) requests */
  async seek(time) {
    const done = busy(), {signal} = this.#listeners;
    try {
      let low = 0, high = this.#total - 1;
      while (low < high) {
        const middle = (low + high) >> 1, [line] = await this.#lines(middle, 1, signal);
        if (line.time < time) low = middle + 1; else high = middle;
      }
      this.target = this.#first + low;
      this.#rows.draw(true);
    } catch (error) { if (!signal.aborted) throw error; } finally { done(); }
  }

  /** More lines exist now. */
  grow(total) {
    if (total <= this.#total) return;
    const before = this.#total;
    this.#total = total;
    this.#pages.delete(Math.floor((before - 1) / PAGE));           // the page that was not full
    this.#lookOn(before);
    this.#apply();
  }

  /**
   * Shows only lines that match; a pattern of `null` matches all. A search ends the one before.
   * @param {RegExp|null} pattern  @param {string} stream `all` or `stderr`  @param {string} level the least, of `LEVELS` @returns {Promise<number|null>} how many; null when another search came
   */
  async search(pattern, stream, level) {
    this.#searching.abort();
    const {signal} = this.#searching = new AbortController();
    this.#wanted = {pattern, stream, level};
    this.#found = pattern || stream !== "all" || level !== "all" ? [] : null;
    this.#apply();
    if (!this.#found) return this.#total;
    const done = busy();
    try { await this.#look(0, signal); } catch (error) { if (!signal.aborted) throw error; } finally { done(); }
    return signal.aborted ? null : this.#found.length;
  }

  /** Adds the places of lines that match, from place `from` on; what is found is shown at once. */
  async #look(from, signal) {
    const found = this.#found;
    for (let place = from; place < this.#total; place += SEARCH_PAGE) {
      const lines = await this.#lines(place, SEARCH_PAGE, signal), before = found.length;
      for (const [i, line] of lines.entries()) if (this.#isWanted(line)) found.push(place + i);
      if (signal.aborted) return;
      if (found.length > before) this.#apply();
    }
  }

  /** Goes on with the present search, if there is one, from a place at which lines have come. */
  #lookOn(from) { if (this.#found && !this.#searching.signal.aborted) this.#look(from, this.#searching.signal).catch(() => {}); }

  #isWanted(line) {
    const {pattern, stream, level} = this.#wanted;
    if (stream !== "all" && line.stream !== stream) return false;
    const text = plainText(line.text);
    return isAtLeast(text, level) && (!pattern || pattern.test(text));
  }

  /** All lines as text. */
  async text() {
    const texts = [];
    for (let place = 0; place < this.#total; place += SEARCH_PAGE) for (const line of await this.#lines(place, SEARCH_PAGE)) texts.push(plainText(line.text));
    return `${texts.join("\n")}\n`;
  }

  async #start() {
    const path = this.#path, {signal} = this.#listeners;
    let answer;
    try {
      answer = await get(`${path}${query({limit: 1})}`, {signal});
    } catch (error) {
      if (!signal.aborted) this.dispatchEvent(new CustomEvent("log-ready", {detail: {total: 0, error}}));
      return;
    }
    if (path !== this.#path) return;
    this.#total = answer.total;
    if (this.#found) this.#found = [];          // it may have been searched before there were lines
    this.#lookOn(0);
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
    cancelAnimationFrame(this.#frame);
    this.#rows.draw();                                          // makes the content as high as it must be, in the next frame
    this.#frame = requestAnimationFrame(() => {
      const share = this.#total ? index / this.#total : 0;
      this.scrollTop = this.#total * ROW <= this.scrollHeight + 1 ? Math.max(0, index * ROW - this.clientHeight / 2) : share * this.scrollHeight;
      this.#ownTop = this.scrollTop;
    });
  }

  /** Scrolling by hand ends following, and to the end begins it. */
  #scrolled() {
    if (this.scrollTop === this.#ownTop) return;
    this.#ownTop = -1;
    const atEnd = this.scrollTop + this.clientHeight >= this.scrollHeight - ROW;
    if (atEnd === this.#follow) return;
    this.#follow = atEnd;
    this.dispatchEvent(new CustomEvent("log-follow", {detail: {follow: atEnd}}));
  }

  #need(first, last) {
    const places = this.#found ? this.#found.slice(first, last) : last > first ? [first, last - 1] : [];
    for (const page of new Set(places.map((place) => Math.floor(place / PAGE)))) {
      if (!this.#pages.has(page) && page * PAGE < this.#total) this.#page(page).then(() => this.#rows.draw(true), () => {});
    }
  }

  #lines(place, limit, signal) {
    return get(`${this.#path}${query({after: this.#first - 1 + place, limit})}`, {signal}).then(({lines}) => lines);
  }

  async #page(page) {
    const held = this.#pages.get(page);
    if (held) return held;
    const loading = this.#lines(page * PAGE, PAGE);
    this.#pages.set(page, loading);
    try {
      const lines = await loading;
      if (this.#pages.get(page) === loading) this.#pages.set(page, lines);
      if (this.#pages.size > PAGES_KEPT) this.#pages.delete(this.#pages.keys().next().value);
      return lines;
    } catch (error) {
      this.#pages.delete(page);
      throw error;
    }
  }

  #line(index) {
    const place = this.#found ? this.#found[index] : index;
    const page = this.#pages.get(Math.floor(place / PAGE));
    return Array.isArray(page) ? page[place % PAGE] : null;
  }

  #fill(row, index) {
    const [number, time, text] = row.children;
    const line = this.#line(index);
    row.classList.toggle("stderr", line?.stream === "stderr");
    row.classList.toggle("target", line?.number === this.#target && this.#target !== null);
    number.textContent = line ? String(line.number) : "";
    number.href = line ? `#line-${line.number}` : "#";
    number.setAttribute("aria-label", line ? strings.log.linkToLine({number: line.number}) : "");
    time.textContent = line ? clock(line.time) : "";
    if (line) {
      time.title = strings.log.thisMoment({time: new Date(line.time / 1000).toISOString()});
      time.href = `${this.charts}?x=wall&at=${line.time / 1e6}`;
    }
    text.replaceChildren(...(line ? this.#spans(line.text) : []));
    row.title = line?.stream === "stderr" ? strings.log.standardError : "";
  }

  #spans(text) {
    const shown = this.#collapse ? collapseReturns(text) : text.replaceAll("\r", "␍");
    return ansiParts(shown).flatMap(({text: part, classes}) => {
      const nodes = this.#wanted.pattern ? marked(part, this.#wanted.pattern) : [part];
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
  row.innerHTML = `<a class="log-number" tabindex="-1"></a><a class="log-time" tabindex="-1"></a><span></span>`;
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
