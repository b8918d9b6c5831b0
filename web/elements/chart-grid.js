/**
 * `<chart-grid>`: the charts of one section. Only those within one screen of the view exist, so that a thousand metrics cost nothing.
 * @fires chart-move `{order}` the section's metrics in their new order  @fires chart-size `{metric, columns}`
 * @module
 */
import "./chart-panel.js";
import {layOut} from "../lib/grid-layout.js";

const GAP = 12, LEAST_WIDTH = 300, HEIGHT = 248, MOST_MOUNTED = 200;
const isHandle = (event) => Boolean(event.target.closest?.(".chart-grip, .chart-edge"));
const arranging = () => import("./arrange-charts.js");

export class ChartGrid extends HTMLElement {
  #model = null; #panels = new Map(); #observer; #frame = 0; #scroller = null; #listeners;

  /** `{metrics: string[], perRow: number, sizes?: Record<string, number>, height?: number, panel: (metric) => panel model}` */
  set model(model) { this.#model = model; this.#draw(true); }
  get model() { return this.#model; }
  /** Columns, pixels of a cell with its gap, and where each chart stands. */
  get layout() { return this.#layout; }
  #layout = {columns: 1, width: 1, height: 1, places: []};

  connectedCallback() {
    this.#scroller = this.closest("[data-scroller]") ?? document.scrollingElement;
    this.#listeners = new AbortController();
    const target = this.#scroller === document.scrollingElement ? document : this.#scroller;
    target.addEventListener("scroll", () => this.#soon(), {passive: true, signal: this.#listeners.signal, capture: true});
    this.#observer = new ResizeObserver(() => this.#soon());
    this.#observer.observe(this);
    if (this.#scroller instanceof HTMLElement) this.#observer.observe(this.#scroller);
    const {signal} = this.#listeners;
    for (const touch of ["pointerover", "focusin"]) this.addEventListener(touch, (event) => { if (isHandle(event)) arranging(); }, {signal});
    this.addEventListener("pointerdown", (event) => this.#arrange("dragChart", event), {signal});
    this.addEventListener("keydown", (event) => this.#arrange("keyChart", event), {signal});
    this.#draw(true);
  }

  /** Moving charts by their grip is code that is fetched when one is first pointed at or focused. */
  async #arrange(act, event) {
    if (!isHandle(event)) return;
    const panel = event.target.closest("chart-panel");
    (await arranging())[act](this, panel, event);
  }

  disconnectedCallback() {
    this.#listeners.abort();
    this.#observer.disconnect();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    for (const panel of this.#panels.values()) panel.remove();
    this.#panels.clear();
  }

  #soon() { this.#frame ||= requestAnimationFrame(() => { this.#frame = 0; this.#draw(); }); }

  #draw(update = false) {
    if (!this.#model || !this.isConnected) return;
    const {metrics, perRow, panel, sizes = {}, height = HEIGHT} = this.#model;
    const width = this.clientWidth;
    if (!width) return;
    const columns = Math.max(1, perRow ? Math.min(perRow, Math.floor((width + GAP) / (LEAST_WIDTH * 0.6 + GAP)) || 1) : Math.min(4, Math.floor((width + GAP) / (LEAST_WIDTH + GAP)) || 1));
    const cell = (width - GAP * (columns - 1)) / columns;
    const {places, rows} = layOut(metrics, columns, sizes);
    this.#layout = {columns, width: cell + GAP, height: height + GAP, places};
    this.style.height = `${Math.max(0, rows * (height + GAP) - GAP)}px`;
    const wanted = new Map();
    const [top, screen] = this.#view();
    const first = Math.max(0, Math.floor((-top - screen) / (height + GAP))), last = Math.min(rows, Math.ceil((2 * screen - top) / (height + GAP)));
    for (let i = 0; i < metrics.length && places[i].row < last && wanted.size < MOST_MOUNTED; i++) if (places[i].row >= first) wanted.set(metrics[i], i);
    for (const [metric, element] of this.#panels) if (!wanted.has(metric)) { element.remove(); this.#panels.delete(metric); }
    for (const [metric, i] of wanted) {
      let element = this.#panels.get(metric);
      const fresh = !element;
      if (fresh) { element = document.createElement("chart-panel"); element.dataset.metric = metric; this.#panels.set(metric, element); }
      const {row, column, span} = places[i];
      Object.assign(element.style, {left: `${column * (cell + GAP)}px`, top: `${row * (height + GAP)}px`, width: `${span * (cell + GAP) - GAP}px`, height: `${height}px`});
      // To read the width from the panel would settle the page's layout for each.
      if (fresh || update) element.model = {...panel(metric), width: span * (cell + GAP) - GAP};
      if (fresh) this.#insert(element, i, metrics);
    }
  }

  // In the order of the picture, so that Tab goes from chart to chart as one reads.
  #insert(element, index, metrics) {
    for (let i = index + 1; i < metrics.length; i++) {
      const next = this.#panels.get(metrics[i]);
      if (next?.isConnected) { this.insertBefore(element, next); return; }
      if (!next && i > index + MOST_MOUNTED) break;
    }
    this.append(element);
  }

  /** This grid's top in the scroller's view, and the view's height. */
  #view() {
    const box = this.getBoundingClientRect();
    if (!(this.#scroller instanceof HTMLElement) || this.#scroller === document.scrollingElement) return [box.top, innerHeight];
    return [box.top - this.#scroller.getBoundingClientRect().top, this.#scroller.clientHeight];
  }
}

customElements.define("chart-grid", ChartGrid);
