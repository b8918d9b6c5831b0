/**
 * `<run-table>`: runs in rows, any columns, any number of rows. Follows the ARIA grid pattern.
 * @fires run-select `{ids, index, range, selected}`, of a group `{group, …}`  @fires run-open `{id}`  @fires group-toggle `{key}`  @fires sort-by `{key, add}`  @fires need-rows `{count}`
 * @module
 */
import {PREFIX} from "../router.js";
import {runColor, runDash} from "../charts/colors.js";
import {formatDuration, formatStep} from "../charts/format.js";
import {statesText} from "../lib/group-tree.js";
import {badgeOf, healthOf, stateOf, stateParts} from "../lib/run-state.js";
import {themeNow} from "../preferences.js";
import * as strings from "../strings.js";
import {setAttribute, setIcon, setName, setText, setVariable, spreadText, spreadTitle} from "./row-parts.js";
import {VirtualRows} from "./virtual-rows.js";

const ROW = 30, HEAD = 32;
const DASH = ["solid", "dashed", "dotted", "dashdot"];

export class RunTable extends HTMLElement {
  #rows; #head; #model = {items: [], runs: new Map(), columns: [], selected: new Set(), sort: [], total: 0, best: new Map()}; #focus = 0; #column = 0; #listeners; #columnsKey = "";
  /** Keys of columns that hold numbers. @type {Set<string>} */ #numeric = new Set();

  /** `{items, runs, columns, selected: Set, sort: {key, down}[], total, best: Map<columnKey, number>}` */
  set model(model) { this.#model = model; if (this.#rows) this.#apply(); }

  connectedCallback() {
    this.setAttribute("role", "grid");
    this.setAttribute("aria-label", strings.common.runs);
    this.setAttribute("aria-multiselectable", "true");
    this.tabIndex = 0;
    this.#head = document.createElement("div");
    this.#head.setAttribute("role", "rowgroup");
    this.#head.className = "grid-head-group";
    this.append(this.#head);
    this.#rows = new VirtualRows(this, {rowHeight: ROW, offset: HEAD, make: () => this.#make(), fill: (row, index) => this.#fill(row, index),
      onWindow: (first, last) => this.#emit("need-rows", {first, count: last})});
    this.#rows.spacer.setAttribute("role", "rowgroup");
    this.#listeners = new AbortController();
    const {signal} = this.#listeners;
    this.addEventListener("click", (event) => this.#click(event), {signal});
    this.addEventListener("keydown", (event) => this.#key(event), {signal});
    this.#apply();
  }

  disconnectedCallback() { this.#listeners.abort(); this.#rows.close(); this.replaceChildren(); this.#columnsKey = ""; }

  #apply() {
    const {items, total, columns} = this.#model;
    const some = items.slice(0, 20).map(({id}) => this.#model.runs.get(id)).filter(Boolean);
    const numeric = columns.filter((column) => column.numeric || some.some((run) => typeof column.value(run) === "number")).map((column) => column.key);
    const key = columns.map((column) => column.key).join("\n") + JSON.stringify([this.#model.sort, numeric]);
    this.#numeric = new Set(numeric);
    if (key !== this.#columnsKey) { this.#columnsKey = key; this.#drawHead(); for (const row of [...this.#rows.spacer.children]) row.dataset.columns = ""; }
    this.#rows.count = Math.max(items.length, total);
    this.setAttribute("aria-rowcount", String(this.#rows.count + 1));
    this.setAttribute("role", items.some((item) => item.kind === "group") ? "treegrid" : "grid");
    this.setAttribute("aria-colcount", String(columns.length + 1));
    this.#rows.spacer.style.minWidth = `${300 + columns.reduce((sum, column) => sum + widthOf(column), 0)}px`;
    this.#rows.draw(true);
    requestAnimationFrame(() => this.#point());
  }

  #point() {
    const row = this.#rows.row(this.#focus);
    if (row) this.setAttribute("aria-activedescendant", row.id); else this.removeAttribute("aria-activedescendant");
  }

  #drawHead() {
    const {columns, sort} = this.#model;
    const head = document.createElement("div");
    head.className = "grid-head";
    head.setAttribute("role", "row");
    head.setAttribute("aria-rowindex", "1");
    for (const column of [{key: "name", label: strings.common.name, numeric: false}, ...columns]) {
      const place = sort.findIndex((term) => term.key === column.key);
      const cell = document.createElement("div");
      cell.setAttribute("role", "columnheader");
      cell.className = `cell ${column.key === "name" ? "first" : ""} ${this.#numeric.has(column.key) ? "numeric" : ""}`;
      cell.setAttribute("aria-sort", place < 0 ? "none" : sort[place].down ? "descending" : "ascending");
      if (column.key !== "name") cell.style.setProperty("--w", `${widthOf(column)}px`);
      const button = document.createElement("button");
      button.type = "button";
      button.tabIndex = -1;
      button.dataset.key = column.key;
      button.title = column.unsorted ?? strings.runs.sortHint({column: column.label});
      button.textContent = column.label + (place < 0 ? "" : ` ${sort[place].down ? "↓" : "↑"}${sort.length > 1 ? place + 1 : ""}`);
      cell.append(button);
      head.append(cell);
    }
    this.#head.replaceChildren(head);
  }

  #make() {
    const row = document.createElement("div");
    row.className = "grid-row";
    row.setAttribute("role", "row");
    row.id = `table-row-${RunTable.#next++}`;
    return row;
  }
  static #next = 0;

  #fill(row, index) {
    const {items, runs, columns, selected} = this.#model;
    const item = items[index];
    const key = columns.map((column) => column.key).join("\n");
    if (row.dataset.columns !== key) this.#cells(row, columns, key);
    row.setAttribute("aria-rowindex", String(index + 2));
    row.dataset.index = String(index);
    row.classList.toggle("focused", index === this.#focus);
    row.classList.toggle("group-row", item?.kind === "group");
    setVariable(row, "--level", String(item?.level ?? 0));
    const [first, ...cells] = row.children;
    const [box, mark, name, badge] = first.children;
    const some = item?.kind === "group" ? item.ids.filter((id) => selected.has(id)).length : 0;
    const chosen = item?.kind === "group" ? some === item.count : item?.kind === "run" && selected.has(item.id);
    box.checked = chosen;
    box.indeterminate = some > 0 && !chosen;
    setAttribute(row, "aria-selected", String(chosen));
    row.classList.toggle("selected", chosen);
    if (item?.kind === "group") { this.#fillGroup(item, {row, box, mark, name, badge, cells, columns}); return; }
    const run = runs.get(item?.id);
    if (!run) { this.#fillComing({row, box, mark, name, badge, cells}); return; }
    setAttribute(row, "aria-expanded", null);
    setAttribute(row, "aria-level", item.level ? String(item.level + 1) : null);
    box.setAttribute("aria-label", strings.runs.select({name: run.name}));
    mark.className = `run-mark ${DASH[runDash(run.color)]}`;
    setVariable(mark, "--run", runColor(run.color, themeNow()));
    name.href = `${PREFIX}p/${encodeURIComponent(run.project)}/r/${encodeURIComponent(run.id)}`;
    setName(name, run.name);
    setText(badge, badgeOf(run));
    setAttribute(badge, "title", run.health ? strings.runs.found({health: healthOf(run)}) : "");
    columns.forEach((column, i) => {
      const text = column.text(run);
      if (column.key === "state") fillState(cells[i], run); else setText(cells[i], text);
      setAttribute(cells[i], "title", column.hint?.(run) || column.plain(run) || text);
      cells[i].classList.toggle("numeric", column.numeric || typeof column.value(run) === "number");
      cells[i].classList.toggle("best", this.#model.best.has(column.key) && column.value(run) === this.#model.best.get(column.key));
    });
  }

  #fillGroup(group, {row, box, mark, name, badge, cells, columns}) {
    row.setAttribute("aria-expanded", String(group.open));
    row.setAttribute("aria-level", String(group.level + 1));
    box.setAttribute("aria-label", strings.groups.select({count: formatStep(group.count), name: group.label}));
    mark.className = `run-mark caret ${group.open ? "open" : ""}`;
    name.removeAttribute("href");
    const states = statesText(group.states);
    setName(name, `${group.label} (${formatStep(group.count)})`, `${group.label}: ${states}`);
    badge.textContent = "";
    columns.forEach((column, i) => {
      const spread = group.columns[column.key];
      cells[i].classList.remove("best");
      cells[i].classList.toggle("numeric", Boolean(spread));
      cells[i].textContent = column.key === "state" ? states : !spread ? "" : column.key === "duration" ? formatDuration(spread.mean / 1000) : spreadText(spread, group.count);
      cells[i].title = spread ? spreadTitle(spread) : cells[i].textContent;
    });
  }

  /** A run of a group that is not loaded yet. */
  #fillComing({row, box, mark, name, badge, cells}) {
    box.setAttribute("aria-label", strings.common.loading);
    mark.className = "run-mark";
    name.removeAttribute("href");
    setName(name, "…");
    setAttribute(row, "aria-expanded", null);
    for (const part of [badge, ...cells]) if (part.textContent) part.textContent = "";
  }

  #cells(row, columns, key) {
    row.dataset.columns = key;
    row.innerHTML = `<div role="gridcell" class="cell first"><input type="checkbox" tabindex="-1"><span class="run-mark" aria-hidden="true"></span><a class="run-name" tabindex="-1"></a><span class="run-badge"></span></div>`;
    for (let i = 0; i < columns.length; i++) {
      const cell = document.createElement("div");
      cell.className = "cell";
      cell.setAttribute("role", "gridcell");
      cell.style.setProperty("--w", `${widthOf(columns[i])}px`);
      row.append(cell);
    }
  }

  #click(event) {
    const head = event.target.closest?.(".grid-head button");
    if (head) { this.#emit("sort-by", {key: head.dataset.key, add: event.shiftKey}); return; }
    const row = event.target.closest?.(".grid-row");
    const item = row && this.#model.items[Number(row.dataset.index)];
    if (!item || item.kind === "wait") return;
    this.#focus = Number(row.dataset.index);
    if (event.target.matches("input")) this.#select(item, event.shiftKey, event.target.checked);
    else if (item.kind === "group") this.#emit("group-toggle", {key: item.key});
    else if (!event.target.closest("a")) this.#rows.draw(true);
  }

  #key(event) {
    const held = this.#model.items[this.#focus], item = held?.kind === "wait" ? null : held;
    const moves = {ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity};
    if (event.key in moves) this.#move(moves[event.key]);
    else if (item?.kind === "group" && (event.key === "ArrowRight" || event.key === "ArrowLeft") && item.open !== (event.key === "ArrowRight")) this.#emit("group-toggle", {key: item.key});
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") this.scrollLeft += event.key === "ArrowRight" ? 130 : -130;
    else if (event.key === " " && item) this.#select(item, event.shiftKey, !this.#isSelected(item));
    else if (event.key === "Enter" && item) this.#emit(item.kind === "group" ? "group-toggle" : "run-open", item.kind === "group" ? {key: item.key} : {id: item.id});
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #isSelected(item) {
    const {selected} = this.#model;
    return item.kind === "group" ? item.ids.filter((id) => selected.has(id)).length === item.count : selected.has(item.id);
  }

  #select(item, range, selected) {
    if (item.kind === "run") this.#hold(item.id, selected);
    this.#emit("run-select", {...(item.kind === "group" ? {group: item.key} : {ids: [item.id]}), index: this.#focus, range, selected});
  }

  /** Holds a choice until the page has taken it: rows may be drawn again before. */
  #hold(id, chosen) {
    const selected = new Set(this.#model.selected);
    if (chosen) selected.add(id); else selected.delete(id);
    this.#model = {...this.#model, selected};
  }

  #move(by) {
    this.#focus = Math.max(0, Math.min(this.#model.items.length - 1, this.#focus + by));
    this.#rows.reveal(this.#focus);
    this.#rows.draw(true);
    requestAnimationFrame(() => this.#point());
  }

  #emit(type, detail) { this.dispatchEvent(new CustomEvent(type, {detail, bubbles: true})); }
}

/** Pixels of a column: as wide as its values and its name need. */
// A group's state is counts of states.
const widthOf = (column) => (column.key === "createdAt" ? 160 : ["state", "tags", "notes"].includes(column.key) ? 220 : Math.max(column.kind === "metric" ? 110 : 120, Math.min(220, column.label.length * 7.2 + 34)));

function fillState(cell, run) {
  const state = stateOf(run);
  const [icon, word] = stateParts(state);
  if (!cell.querySelector("use")) cell.innerHTML = `<span class="state"><svg class="icon" width="14" height="14" aria-hidden="true"><use/></svg><span></span></span>`;
  setIcon(cell.querySelector("svg"), icon);
  cell.firstElementChild.className = `state state-${state}`;
  setText(cell.firstElementChild.lastElementChild, word);
}

customElements.define("run-table", RunTable);
