/** Moving and widening charts by hand: by pointer with grip and edge, by keys on the grip. @module */
import {chartAt, moveBefore} from "../lib/grid-layout.js";

const THRESHOLD = 5;

/** Starts what a pointer does with a grip (move) or an edge (width). */
export function dragChart(grid, panel, event) {
  if (event.button !== 0) return;
  if (event.target.closest(".chart-edge")) drag(event, (at) => widen(grid, panel, at), (at) => setColumns(grid, panel, at));
  else drag(event, (at) => follow(grid, panel, event, at), (at) => drop(grid, panel, at), () => settle(grid, panel));
}

/** ← → move a chart by one, with Shift they make it narrower and wider. */
export function keyChart(grid, panel, event) {
  const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
  if (!by || !event.target.closest(".chart-grip")) return;
  const {metrics, sizes = {}} = grid.model, metric = panel.dataset.metric, at = metrics.indexOf(metric);
  if (event.shiftKey) { tellColumns(grid, metric, Math.max(1, Math.min(grid.layout.columns, (sizes[metric] ?? 1) + by))); return; }
  const to = at + by;
  if (to < 0 || to >= metrics.length) return;
  tellOrder(grid, by < 0 ? moveBefore(metrics, metric, metrics[to]) : moveBefore(metrics, metric, metrics[to + 1] ?? null));
  // The chart stands elsewhere now; its grip keeps the focus.
  requestAnimationFrame(() => grid.querySelector(`chart-panel[data-metric="${CSS.escape(metric)}"] .chart-grip`)?.focus());
}

/** Follows a pointer until it is let go; `end` only when it moved, `after` always. */
function drag(start, move, end, after = () => {}) {
  const listeners = new AbortController(), {signal} = listeners;
  let moved = false;
  const isFar = (event) => Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) >= THRESHOLD;
  addEventListener("pointermove", (event) => {
    if (!event.buttons) { listeners.abort(); after(); return; }         // let go before this listened
    if (moved ||= isFar(event)) move(event);
  }, {signal});
  addEventListener("pointerup", (event) => { listeners.abort(); if (moved) end(event); after(); }, {signal});
  addEventListener("pointercancel", () => { listeners.abort(); after(); }, {signal});
  addEventListener("keydown", (event) => { if (event.key === "Escape") { event.stopPropagation(); listeners.abort(); after(); } }, {signal, capture: true});
}

function follow(grid, panel, start, event) {
  panel.classList.add("dragged");
  panel.style.transform = `translate(${event.clientX - start.clientX}px, ${event.clientY - start.clientY}px)`;
  mark(grid, beforeOf(grid, event), panel.dataset.metric);
}

function beforeOf(grid, event) {
  const box = grid.getBoundingClientRect(), {width, height, places} = grid.layout;
  return chartAt(grid.model.metrics, places, {x: (event.clientX - box.left) / width, y: Math.max(0, (event.clientY - box.top) / height)});
}

/** A line where the chart would stand. */
function mark(grid, before, moved) {
  let line = grid.querySelector(":scope > .drop-mark");
  if (!line) { line = document.createElement("div"); line.className = "drop-mark"; grid.append(line); }
  const {metrics} = grid.model, {places, width, height} = grid.layout, at = before === null ? metrics.length - 1 : metrics.indexOf(before);
  const {row, column, span} = places[at], left = before === null ? (column + span) * width - 8 : column * width - 8;
  line.hidden = before === moved;
  Object.assign(line.style, {left: `${Math.max(-4, left)}px`, top: `${row * height}px`, height: `${height - 12}px`});
}

function drop(grid, panel, event) {
  const before = beforeOf(grid, event), {metrics} = grid.model, order = moveBefore(metrics, panel.dataset.metric, before);
  if (before !== panel.dataset.metric && order.join("\n") !== metrics.join("\n")) tellOrder(grid, order);
}

function settle(grid, panel) {
  panel.classList.remove("dragged");
  panel.style.transform = "";
  grid.querySelector(":scope > .drop-mark")?.remove();
}

const columnsAt = (grid, panel, event) => Math.max(1, Math.min(grid.layout.columns, Math.round((event.clientX - panel.getBoundingClientRect().left) / grid.layout.width)));
const widen = (grid, panel, event) => { panel.style.width = `${columnsAt(grid, panel, event) * grid.layout.width - 12}px`; panel.style.zIndex = "2"; };
const setColumns = (grid, panel, event) => { panel.style.zIndex = ""; tellColumns(grid, panel.dataset.metric, columnsAt(grid, panel, event)); };

const tellOrder = (grid, order) => grid.dispatchEvent(new CustomEvent("chart-move", {detail: {order}, bubbles: true}));
const tellColumns = (grid, metric, columns) => grid.dispatchEvent(new CustomEvent("chart-size", {detail: {metric, columns}, bubbles: true}));
