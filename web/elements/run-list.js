/**
 * `<run-list>`: the runs beside the charts, which are also their legend. Any number of rows.
 * @fires run-toggle `{ids, shown}`, of a group `{group, shown}`  @fires run-open `{id}`  @fires run-color `{id}`  @fires need-rows `{count}`
 * @module
 */
import {PREFIX} from "../router.js";
import {sync} from "../charts/sync.js";
import {runColor, runDash} from "../charts/colors.js";
import {formatStep} from "../charts/format.js";
import {statesInOrder, statesText} from "../lib/group-tree.js";
import {badgeOf, healthOf, stateOf, stateParts} from "../lib/run-state.js";
import {themeNow} from "../preferences.js";
import * as strings from "../strings.js";
import {setAttribute, setIcon, setName, setText, setVariable, spreadText, spreadTitle} from "./row-parts.js";
import {VirtualRows} from "./virtual-rows.js";

const ROW = 28, WRAPPED_ROW = 44;
const DASH_CLASSES = ["solid", "dashed", "dotted", "dashdot"];

export class RunList extends HTMLElement {
  #rows; #items = []; #runs = new Map(); #shown = new Set(); #selected = new Set(); #coming = new Map(); #columns = []; #colors = null; #focus = 0; #listeners; #total = 0; #wrap = false;

  /** `{items: [{kind: "run", id} | {kind: "group", …}], runs: Map, shown: Set, selected: Set, coming: Map, columns: [{key, label, value(run)}], total, colors?, wrap?}`; with `wrap`, names have two lines; `coming` has groups that are about to be shown or hidden */
  set model({items, runs, shown, selected, coming = new Map(), columns, total, colors = null, wrap = false}) {
    [this.#items, this.#runs, this.#shown, this.#selected, this.#coming, this.#columns, this.#total, this.#colors, this.#wrap] = [items, runs, shown, selected, coming, columns, total, colors, wrap];
    if (this.#rows) this.#apply();
  }

  connectedCallback() {
    this.setAttribute("role", "grid");
    this.setAttribute("aria-label", strings.common.runs);
    this.tabIndex = 0;
    this.classList.add("run-list");
    this.#rows = new VirtualRows(this, {rowHeight: ROW, make: () => this.#make(), fill: (row, index) => this.#fill(row, index),
      onWindow: (first, last) => this.#emit("need-rows", {first, count: last})});
    this.#rows.spacer.setAttribute("role", "rowgroup");
    this.#listeners = new AbortController();
    const {signal} = this.#listeners;
    this.addEventListener("click", (event) => this.#click(event), {signal});
    this.addEventListener("keydown", (event) => this.#key(event), {signal});
    this.addEventListener("pointerover", (event) => this.#hover(event), {signal});
    this.addEventListener("pointerleave", () => sync.highlight(null, this), {signal});
    sync.addEventListener("highlight", ({detail}) => this.#highlight(detail.run), {signal});
    this.#apply();
  }

  disconnectedCallback() { this.#listeners?.abort(); this.#rows?.close(); this.replaceChildren(); }

  get focusedRun() { return this.#items[this.#focus]?.id ?? null; }

  /** Moves the focus by rows. */
  move(by) {
    this.#focus = Math.max(0, Math.min(this.#items.length - 1, this.#focus + by));
    this.#rows.reveal(this.#focus);
    this.#rows.draw(true);
    const id = this.focusedRun;
    if (id) sync.highlight(id, this);
    requestAnimationFrame(() => this.#point());
  }

  #apply() {
    this.#rows.count = Math.max(this.#items.length, this.#total);
    this.#rows.rowHeight = this.#wrap ? WRAPPED_ROW : ROW;
    this.classList.toggle("wraps", this.#wrap);
    this.setAttribute("role", this.#items.some((item) => item.kind === "group") ? "treegrid" : "grid");
    this.setAttribute("aria-rowcount", String(this.#rows.count));
    this.#rows.draw(true);
    requestAnimationFrame(() => this.#point());
  }

  #point() {
    const row = this.#rows.row(this.#focus);
    if (row) this.setAttribute("aria-activedescendant", row.id); else this.removeAttribute("aria-activedescendant");
  }

  #make() {
    const row = document.createElement("div");
    row.className = "run-row";
    row.setAttribute("role", "row");
    row.id = `run-row-${RunList.#next++}`;
    row.innerHTML = `<span role="gridcell" class="run-cells"><input type="checkbox" class="run-eye" tabindex="-1"><span class="run-mark" aria-hidden="true"></span>
      <a class="run-name" tabindex="-1"></a><span class="run-badge"></span><span class="run-extra"></span>
      <span class="run-state"><svg class="icon" width="13" height="13" aria-hidden="true"><use/></svg><span></span></span></span>`;
    return row;
  }
  static #next = 0;

  #fill(row, index) {
    const item = this.#items[index], run = this.#runs.get(item?.id);
    row.setAttribute("aria-rowindex", String(index + 1));
    row.classList.toggle("focused", index === this.#focus);
    row.dataset.index = String(index);
    const isComing = item?.kind !== "group" && !run;
    row.classList.toggle("loading", isComing);
    row.classList.toggle("group-row", item?.kind === "group");
    row.dataset.run = run?.id ?? "";
    if (isComing) { this.#fillComing(row, item?.level ?? 0); return; }
    if (item.kind === "group") this.#fillGroup(row, item); else this.#fillRun(row, run, item);
  }

  #fillComing(row, level) {
    const [eye, mark, name, badge, extra, state] = parts(row);
    eye.checked = eye.indeterminate = false;
    eye.setAttribute("aria-label", strings.common.loading);
    mark.className = "run-mark";
    name.removeAttribute("href");
    setName(name, "…");
    setVariable(row, "--level", String(level));
    setAttribute(row, "aria-expanded", null);
    badge.textContent = extra.textContent = "";
    state.hidden = true;
  }

  #fillGroup(row, group) {
    const [eye, mark, name, badge, extra, state] = parts(row);
    const shown = this.#groupShown(group);
    eye.checked = shown === true;
    eye.indeterminate = shown === null;
    eye.setAttribute("aria-label", strings.runs.show({name: group.label}));
    mark.className = `run-mark caret ${group.open ? "open" : ""}`;
    mark.style.removeProperty("--run");
    name.removeAttribute("href");
    const count = formatStep(group.count);
    setName(name, `${group.label} · ${count}`, strings.groups.described({name: group.label, count, states: statesText(group.states)}), halvesOf(group.label, count));
    setVariable(row, "--level", String(group.level));
    setAttribute(row, "aria-expanded", String(group.open));
    badge.textContent = "";
    const spreads = this.#columns.map((column) => [column, group.columns[column.key]]).filter(([, spread]) => spread);
    extra.textContent = spreads.map(([, spread]) => spreadText(spread, group.count)).join("  ");
    extra.title = spreads.map(([column, spread]) => `${column.label}: ${spreadTitle(spread)}`).join("\n");
    const [first] = statesInOrder(group.states);
    state.hidden = !first;
    if (!first) return;
    const [icon] = stateParts(first[0]);
    state.className = `run-state state-${first[0]}`;
    state.title = statesText(group.states);
    setIcon(state.firstElementChild, icon);
    setText(state.lastElementChild, formatStep(first[1]));
  }

  #fillRun(row, run, {level = 0}) {
    const [eye, mark, name, badge, extra, state] = parts(row);
    const shown = this.#shown.has(run.id);
    eye.checked = shown;
    eye.indeterminate = false;
    eye.setAttribute("aria-label", strings.runs.show({name: run.name}));
    row.classList.toggle("off", !shown);
    row.classList.toggle("selected", this.#selected.has(run.id));
    row.setAttribute("aria-selected", String(this.#selected.has(run.id)));
    setVariable(row, "--level", String(level));
    setAttribute(row, "aria-expanded", null);
    const look = (shown && this.#colors?.of(run)) || {color: runColor(run.color, themeNow()), dash: runDash(run.color)};
    mark.className = `run-mark ${DASH_CLASSES[look.dash]}`;
    setVariable(mark, "--run", look.color);
    name.href = `${PREFIX}p/${encodeURIComponent(run.project)}/r/${encodeURIComponent(run.id)}`;
    setName(name, run.name);
    setText(badge, badgeOf(run));
    setAttribute(badge, "title", run.health ? strings.runs.found({health: healthOf(run)}) : "");
    extra.textContent = this.#columns.map((column) => column.text(run)).join("  ");
    extra.title = this.#columns.map((column) => `${column.label}: ${column.hint?.(run) || column.plain(run) || column.text(run)}`).join("\n");
    if (state.hidden) state.hidden = false;
    if (state.title) state.removeAttribute("title");
    const key = stateOf(run);
    const [icon, word] = stateParts(key);
    state.className = `run-state state-${key}`;
    setIcon(state.firstElementChild, icon);
    setText(state.lastElementChild, word);
  }

  #item(event) {
    const row = event.target.closest?.(".run-row");
    return row ? this.#items[Number(row.dataset.index)] : null;
  }

  #click(event) {
    const item = this.#item(event);
    if (!item || item.kind === "wait") return;
    this.#focus = this.#items.indexOf(item);
    if (event.target.matches(".run-eye")) { this.#toggle(item, event.target.checked); return; }
    if (item.kind === "group") { this.#emit("group-toggle", {key: item.key}); return; }
    if (event.target.matches(".run-mark")) { this.#emit("run-color", {id: item.id, anchor: event.target}); return; }
    if (event.target.closest("a")) return;
    this.#emit("run-select", {id: item.id, add: event.ctrlKey || event.metaKey, range: event.shiftKey});
    this.#rows.draw(true);
  }

  #key(event) {
    const item = this.#items[this.#focus];
    const moves = {ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity};
    if (event.key in moves) this.move(moves[event.key]);
    else if (event.key === " " && item && item.kind !== "wait") this.#toggle(item, !this.#isShown(item));
    else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && item?.kind === "group") { if (item.open !== (event.key === "ArrowRight")) this.#emit("group-toggle", {key: item.key}); }
    else if (event.key === "Enter" && item && item.kind !== "wait") { if (item.kind === "group") this.#emit("group-toggle", {key: item.key}); else this.#emit("run-open", {id: item.id}); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #isShown(item) { return item.kind === "group" ? this.#groupShown(item) === true : this.#shown.has(item.id); }

  /** Whether a group is shown, or about to be; `null` if a part of it is. */
  #groupShown(group) {
    const coming = this.#coming.get(group.key);
    if (coming) return coming.shown;
    const shown = group.ids.filter((id) => this.#shown.has(id)).length;
    return shown === group.count || (shown > 0 ? null : false);
  }

  #toggle(item, shown) { this.#emit("run-toggle", item.kind === "group" ? {group: item.key, shown} : {ids: [item.id], shown}); }

  #hover(event) {
    const item = this.#item(event);
    if (item?.kind === "run") sync.highlight(item.id, this);
  }

  #highlight(id) {
    this.querySelector(".run-row.lit")?.classList.remove("lit");
    if (id) this.querySelector(`.run-row[data-run="${CSS.escape(id)}"]`)?.classList.add("lit");
  }

  #emit(type, detail) { this.dispatchEvent(new CustomEvent(type, {detail, bubbles: true})); }
}

/** Of a group's label the key gives way before the value, and of a long value the front. */
function halvesOf(label, count) {
  const at = Math.max(label.indexOf(": ") + 2, label.length - 18);
  return [label.slice(0, at), `${label.slice(at)} · ${count}`];
}

const parts = (row) => [".run-eye", ".run-mark", ".run-name", ".run-badge", ".run-extra", ".run-state"].map((selector) => row.querySelector(selector));

customElements.define("run-list", RunList);
