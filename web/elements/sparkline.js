import {readTheme} from "../charts/theme.js";
import {sheet} from "../charts/styles.js";
import {formatValue} from "../charts/format.js";
import * as strings from "../strings.js";

const styles = sheet(`
:host { display: inline-block; width: 80px; height: 20px; vertical-align: middle; }
svg { display: block; width: 100%; height: 100%; overflow: visible; }
path { fill: none; stroke-width: 1.25; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
path.area { stroke: none; opacity: .16; }
`);

const NAMES = "http://www.w3.org/2000/svg";

/**
 * `<spark-line>` draws a few values without axes. Gaps (NaN, null) break the line; one value is a dot.
 * @property values `(number|null)[]`  @property color `kind` "line" (default) or "bars"  @property label what it is, for screen readers
 */
export class SparkLine extends HTMLElement {
  #values = []; #color = null; #kind = "line"; #label = ""; #svg;

  constructor() {
    super();
    const root = this.attachShadow({mode: "open"});
    root.adoptedStyleSheets = [styles];
    this.#svg = document.createElementNS(NAMES, "svg");
    this.#svg.setAttribute("role", "img");
    this.#svg.setAttribute("preserveAspectRatio", "none");
    this.#svg.setAttribute("viewBox", "0 0 100 100");
    root.append(this.#svg);
  }

  set values(values) { this.#values = Array.from(values ?? []); this.#draw(); }
  get values() { return this.#values; }
  set color(color) { this.#color = color; this.#draw(); }
  set kind(kind) { this.#kind = kind; this.#draw(); }
  set label(label) { this.#label = label; this.#draw(); }
  connectedCallback() { this.#draw(); }

  #draw() {
    if (!this.isConnected) return;
    const color = this.#color ?? readTheme(this).link;
    const finite = this.#values.filter(Number.isFinite);
    this.#svg.setAttribute("aria-label", `${this.#label ? `${this.#label}: ` : ""}${finite.length ? strings.chart.sparkline({count: finite.length, last: formatValue(finite.at(-1)), min: formatValue(Math.min(...finite)), max: formatValue(Math.max(...finite))}) : strings.chart.noValuesWord}`);
    this.#svg.replaceChildren(...(this.#kind === "bars" ? [bars(this.#values)] : lines(this.#values)).map(({d, area, fill}) => {
      const path = document.createElementNS(NAMES, "path");
      path.setAttribute("d", d);
      if (area) path.classList.add("area");
      if (area || fill) path.style.fill = color;
      if (!area && !fill) path.style.stroke = color;
      return path;
    }));
  }
}

/** The line and the area under it, in a box of 100 × 100. */
export function lines(values) {
  const finite = values.filter(Number.isFinite);
  if (!finite.length) return [];
  const low = Math.min(...finite), high = Math.max(...finite);
  const x = (i) => (values.length > 1 ? (i / (values.length - 1)) * 100 : 50).toFixed(1);
  const y = (v) => (high > low ? 94 - ((v - low) / (high - low)) * 88 : 50).toFixed(1);
  let line = "", area = "", run = [];
  const end = () => {
    if (run.length === 1) line += `M${Math.max(0, x(run[0]) - 3)} ${y(values[run[0]])}h6`;
    if (run.length > 1) {
      const points = run.map((i) => `${x(i)} ${y(values[i])}`);
      line += `M${points.join("L")}`;
      area += `M${x(run[0])} 100L${points.join("L")}L${x(run.at(-1))} 100Z`;
    }
    run = [];
  };
  values.forEach((v, i) => { if (Number.isFinite(v)) run.push(i); else end(); });
  end();
  return area ? [{d: area, area: true}, {d: line}] : [{d: line}];
}

/** One bar for each value, from zero; zero leaves a hair so that the row of days can be seen. */
export function bars(values) {
  const top = Math.max(1e-12, ...values.filter(Number.isFinite)), width = 100 / Math.max(1, values.length);
  const d = values.map((v, i) => {
    const height = Number.isFinite(v) && v > 0 ? Math.max(6, (v / top) * 100) : 2;
    return `M${(i * width + width * 0.1).toFixed(2)} 100v${(-height).toFixed(1)}h${(width * 0.8).toFixed(2)}v${height.toFixed(1)}Z`;
  }).join("");
  return {d, fill: true};
}

if (!customElements.get("spark-line")) customElements.define("spark-line", SparkLine);
