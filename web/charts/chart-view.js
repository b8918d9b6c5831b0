/**
 * The DOM of a line chart: head with chips, plot with canvases and crosshair, tooltip, words for screen readers.
 * @module
 */
import * as strings from "../strings.js";
import {figureStyles, seriesStyles} from "./styles.js";
import {formatStep, formatValue} from "./format.js";

/** With more lines the list of runs is the legend. */
const LEGEND_LINES = 8;
/** The most names that are tried; CSS pixels of their row, and the most it may take of the plot. */
const MOST_ENTRIES = 24, LEGEND_HEIGHT = 20, LEGEND_SHARE = 0.15;

const MARKUP = `
<figure tabindex="0" role="figure">
  <div class="head"><span class="title"></span><span class="unit"><span></span></span><span class="space"></span><span class="chips"></span><slot name="actions"></slot></div>
  <div class="bar" hidden></div>
  <div class="plot"><span class="xname" aria-hidden="true"></span></div>
  <div class="legend" aria-hidden="true" hidden></div>
  <div class="note" hidden></div>
  <div class="message" hidden></div>
  <p class="unseen summary" id="summary"></p>
  <div class="unseen data"></div>
  <div class="unseen spoken" role="status" aria-live="polite"></div>
  <div class="tip" popover="manual" hidden></div>
</figure>`;

/** Parsed once for all charts. */
const figure = document.createElement("template");
figure.innerHTML = MARKUP;                                    // fixed markup only

const LAYERS = `<canvas class="base"></canvas><canvas class="overlay"></canvas><div class="select"></div><div class="cross" hidden></div><div class="dot" hidden></div><div class="value" hidden></div>`;

export class ChartView {
  /** @param {ShadowRoot} root */
  constructor(root) {
    this.root = root;
    root.adoptedStyleSheets = [figureStyles, seriesStyles];
    root.append(figure.content.cloneNode(true));
    const part = (name) => root.querySelector(`.${name}`);
    this.figure = root.querySelector("figure");
    for (const name of ["head", "title", "unit", "chips", "bar", "plot", "legend", "xname", "note", "message", "summary", "data", "spoken", "tip"]) this[name] = part(name);
    this.figure.setAttribute("aria-describedby", "summary");
  }

  /** Adds styles that came later. @param {CSSStyleSheet} styles */
  wear(styles) { if (!this.root.adoptedStyleSheets.includes(styles)) this.root.adoptedStyleSheets = [...this.root.adoptedStyleSheets, styles]; }

  /** Puts our layers into the frame's plotting area. */
  attach(over) {
    over.insertAdjacentHTML("afterbegin", LAYERS);             // fixed markup only
    for (const name of ["base", "overlay", "select", "cross", "dot", "value"]) this[name] = over.querySelector(`.${name}`);
  }

  /** @param {{title: string, unit: string, xname: string}} words @param {{text: string, kind?: string, act?: () => void, hint?: string}[]} chips */
  showHead({title, unit, xname}, chips) {
    this.title.textContent = title;
    this.title.title = unit ? `${title} (${unit})` : title;
    this.unit.firstElementChild.textContent = unit;
    this.xname.textContent = this.xname.title = xname;
    this.head.hidden = !title && !chips.length && !unit;
    const key = JSON.stringify(chips);
    if (this.chipKey === key) return;
    this.chipKey = key;
    this.chips.replaceChildren(...chips.map(makeChip));
  }

  /** What the chart lacks, in one line with the way on. @param {{text: string, useStep: boolean}|null} note @returns {boolean} whether the plot has another size now */
  showNote(note, useStep) {
    const key = note ? `${note.useStep}${note.text}` : "";
    if (this.noteKey === key) return false;
    const resized = this.note.hidden !== !note;
    this.noteKey = key;
    this.note.hidden = !note;
    const text = Object.assign(document.createElement("span"), {textContent: note ? note.text : "", title: note ? note.text : ""});
    const act = Object.assign(document.createElement("button"), {type: "button", textContent: strings.chart.useStep});
    act.addEventListener("click", useStep);
    this.note.replaceChildren(...(note ? [text, ...(note.useStep ? [act] : [])] : []));
    return resized;
  }

  /** Names of few lines below the plot, in one row; of what has no room only the number. @param {{name: string, color: string, dash?: number}[]} lines @param {number} most lines, else none @returns {boolean} whether the plot has another size now */
  showLegend(lines, most = LEGEND_LINES) {
    if (!lines.length && this.legend.hidden) return false;      // to find that out by sizes would settle the page's layout
    const key = `${most}\n${lines.map(({name, color, dash}) => `${name}\n${color}\n${dash}`).join("\n")}`;
    if (this.legendKey === key) return false;
    this.legendKey = key;
    const before = this.legend.hidden;
    const height = this.plot.clientHeight + (this.legend.hidden ? 0 : LEGEND_HEIGHT);
    const shown = lines.length <= most && LEGEND_HEIGHT <= height * LEGEND_SHARE ? lines : [];
    this.legend.hidden = shown.length === 0;
    const entries = shown.slice(0, MOST_ENTRIES).map(({name, color, dash = 0}) => {
      const entry = Object.assign(document.createElement("span"), {className: "entry", title: name});
      const swatch = Object.assign(document.createElement("span"), {className: `swatch d${dash}`});
      swatch.style.borderColor = color;
      entry.append(swatch, name);
      return entry;
    });
    const more = Object.assign(document.createElement("span"), {className: "entry"});
    this.legend.replaceChildren(...entries, more);
    let out = 0;
    const tell = () => { more.hidden = entries.length - out === shown.length; more.textContent = `+${shown.length - entries.length + out}`; };
    tell();
    const fits = () => this.legend.scrollWidth <= this.legend.clientWidth;
    while (!fits() && out < entries.length - 1) { out += 1; entries[entries.length - out].hidden = true; tell(); }
    return this.legend.hidden !== before;
  }

  showMessage(text) {
    this.message.hidden = !text;
    this.message.textContent = text ?? "";
  }

  /** The size of both canvases in device pixels; clears them only when it changes. */
  sizeCanvases(width, height) {
    for (const canvas of [this.base, this.overlay]) {
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
    }
  }

  /** Moves the crosshair to a place in CSS pixels of the plot, or hides it. */
  showCross(x) {
    this.cross.hidden = x === null;
    if (x !== null) this.cross.style.transform = `translateX(${Math.round(x)}px)`;
  }

  /** The point that is read off, and for synced charts its value. @param {{x: number, y: number, color: string, text?: string}|null} point */
  showPoint(point, width = 0) {
    this.dot.hidden = !point || !Number.isFinite(point.y);
    this.value.hidden = !point?.text;
    if (!point) return;
    this.dot.style.transform = `translate(${point.x}px, ${point.y}px)`;
    this.dot.style.background = point.color;
    if (!point.text) return;
    this.value.textContent = point.text;
    const left = point.x > width / 2;
    this.value.style.transform = `translateX(${Math.round(point.x + (left ? -6 : 6))}px)${left ? " translateX(-100%)" : ""}`;
  }

  showSelection(box) {
    const {style} = this.select;
    style.display = box ? "block" : "none";
    if (!box) return;
    style.left = `${box.left}px`;
    style.top = `${box.top}px`;
    style.width = `${box.right - box.left}px`;
    style.height = `${box.bottom - box.top}px`;
  }

  openTip() {
    if (!this.tip.hidden) return;
    this.tip.hidden = false;
    if (this.tip.showPopover && !this.tip.matches(":popover-open")) this.tip.showPopover();
  }

  closeTip() {
    if (this.tip.hidden) return;
    this.tip.hidden = true;
    this.tip.classList.remove("pinned");
    if (this.tip.hidePopover && this.tip.matches(":popover-open")) this.tip.hidePopover();
  }

  /** The chart in words, and its table of lines (the first twenty). */
  describe(name, text, summaries) {
    this.figure.setAttribute("aria-label", name);
    this.summary.textContent = text;
    const table = document.createElement("table");
    table.createCaption().textContent = name;
    const row = (cells, tag) => {
      const line = table.insertRow();
      for (const cell of cells) line.append(Object.assign(document.createElement(tag), {textContent: cell}));
    };
    row([strings.statistics.line, strings.statistics.last, strings.statistics.min, strings.statistics.max, strings.statistics.points, "NaN", strings.statistics.infinite, strings.statistics.late, strings.statistics.repeated], "th");
    for (const s of summaries.slice(0, 20)) {
      row([s.name, formatValue(s.last), formatValue(s.min), formatValue(s.max), formatStep(s.points), s.nan, s.infinite, s.late, s.repeated], "td");
    }
    if (summaries.length > 20) row([strings.chart.moreLines({count: summaries.length - 20})], "td");
    this.data.replaceChildren(table);
  }
}

function makeChip({text, kind, act, hint}) {
  const chip = document.createElement(act ? "button" : "span");
  chip.className = `chip ${kind ?? ""}`;
  chip.textContent = text;
  if (hint) chip.title = hint;
  if (act) { chip.type = "button"; chip.addEventListener("click", act); }
  return chip;
}
