import {EChart} from "../charts/echart.js";
import {viridisHex} from "../charts/colors.js";
import {formatTickAlone, formatValue} from "../charts/format.js";
import {quote} from "../charts/summary.js";
import * as strings from "../strings.js";

/** Above this many runs lines are thinner and fainter. */
const MANY = 300;

/**
 * `<parallel-chart>` draws each run as a line across axes of config keys and metrics.
 * @property axes `{key, name?, kind?: "number"|"category", log?, invert?}[]`; the kind is found from the values if not given
 * @property data `{run, name, color, values: {key: number|string|boolean}}[]`  @property options `{title, colorBy: key}`
 * @fires brush {runs, ranges} after axes were brushed; null when nothing is brushed
 */
export class ParallelChart extends EChart {
  #axes = []; #data = []; #brushed = null;

  set axes(axes) { this.#axes = axes ?? []; this.invalidate(); }
  get axes() { return this.#axes; }
  set data(data) { this.#data = data ?? []; this.invalidate(); }
  get data() { return this.#data; }

  attached() { this.chart.on("axisareaselected", () => this.#brush()); }

  /** Axes with their kind and categories settled. */
  get #settled() {
    return this.#axes.map((axis) => {
      const values = this.#data.map(({values: all}) => all[axis.key]).filter((v) => v !== undefined && v !== null);
      const kind = axis.kind ?? (values.every((v) => typeof v === "number") ? "number" : "category");
      const positive = values.every((v) => v > 0);
      return {...axis, kind, log: Boolean(axis.log && positive), categories: kind === "category" ? [...new Set(values.map(String))].sort((a, b) => a.localeCompare(b, "en", {numeric: true})) : null};
    });
  }

  option() {
    const axes = this.#settled, {muted, text, border} = this.theme;
    const value = (v, axis) => (v === undefined || v === null || (axis.kind === "number" && !Number.isFinite(v)) ? null : axis.kind === "category" ? axis.categories.indexOf(String(v)) : v);
    this.items = this.#data.filter(({values}) => axes.some((axis) => value(values[axis.key], axis) !== null));
    const colorAxis = axes.findIndex(({key}) => key === this.options_.colorBy), many = this.items.length > MANY;
    const numbers = colorAxis >= 0 ? this.items.map(({values}) => value(values[axes[colorAxis].key], axes[colorAxis])).filter((v) => v !== null) : [];
    return {
      parallel: {left: 44, right: 60, top: 34, bottom: 14, axisExpandable: false},
      parallelAxis: axes.map((axis, dim) => ({dim, name: axis.name ?? axis.key, type: axis.kind === "category" ? "category" : axis.log ? "log" : "value", data: axis.categories ?? undefined, inverse: Boolean(axis.invert), nameLocation: axis.invert ? "start" : "end", scale: true,
        nameTextStyle: {color: text, fontSize: 11, width: 110, overflow: "truncate"}, nameGap: 12, nameTruncate: {maxWidth: 110}, axisLine: {lineStyle: {color: border}}, axisTick: {show: false}, minorTick: {show: false},
        axisLabel: {color: muted, textBorderColor: this.theme.bg, textBorderWidth: 3, fontSize: 11, hideOverlap: true, ...(axis.kind === "number" ? {formatter: formatTickAlone} : {width: 90, overflow: "truncate"})},
        areaSelectStyle: {width: 18, borderWidth: 1, borderColor: this.theme.link, color: this.theme.link, opacity: 0.18}})),
      visualMap: colorAxis >= 0 && numbers.length ? [{show: false, type: "continuous", dimension: colorAxis, min: Math.min(...numbers), max: Math.max(...numbers) || 1, inRange: {color: Array.from({length: 10}, (_, i) => viridisHex(this.theme.dark ? 0.12 + (0.88 * i) / 9 : (0.88 * i) / 9))}}] : [],
      series: [{type: "parallel", smooth: false, lineStyle: {width: many ? 1 : 1.6, opacity: many ? 0.35 : 0.75}, inactiveOpacity: 0.04, activeOpacity: many ? 0.6 : 0.9, progressive: 500,
        emphasis: {lineStyle: {width: 3.5, opacity: 1}}, data: this.items.map(({values, color}) => ({value: axes.map((axis) => value(values[axis.key], axis) ?? "-"), ...(colorAxis < 0 ? {lineStyle: {color}} : {})}))}],
    };
  }

  #brush() {
    const series = this.chart.getModel().getSeriesByIndex(0), axes = this.chart.getModel().getComponent("parallel").parallelAxisIndex;
    const ranges = {};
    this.#axes.forEach((axis, i) => {
      const intervals = this.chart.getModel().getComponent("parallelAxis", axes[i]).activeIntervals;
      if (intervals.length) ranges[axis.key] = intervals.map((pair) => [...pair]);
    });
    this.#brushed = Object.keys(ranges).length ? series.getRawIndicesByActiveState("active").map((i) => this.items[i].run) : null;
    this.fire("brush", {runs: this.#brushed, ranges: this.#brushed ? ranges : null});
  }

  chips() {
    const key = this.options_.colorBy;
    return key ? [{text: strings.chart.colouredBy({name: this.#axes.find((axis) => axis.key === key)?.name ?? key}), hint: strings.chart.colouredByHint}] : [];
  }

  tip({name, values}) {
    return [name, ...this.#axes.slice(0, 12).map((axis) => `${axis.name ?? axis.key}: ${typeof values[axis.key] === "number" ? formatValue(values[axis.key], 6) : values[axis.key] ?? "—"}`)].join("\n");
  }

  words() {
    const text = (v) => (typeof v === "number" ? formatValue(v) : String(v ?? "—"));
    return {name: strings.chart.parallelName({title: this.options_.title ?? strings.chart.parallel, runs: this.items.length, axes: this.#axes.length}), head: [strings.chart.nameHead, ...this.#axes.map((axis) => axis.name ?? axis.key)],
      rows: this.items.map(({name, values}) => [name, ...this.#axes.map((axis) => text(values[axis.key]))]), text: strings.chart.parallelAxes({names: this.#axes.map((axis) => axis.name ?? axis.key).join(", ")})};
  }

  toCSV() {
    const lines = this.items.map(({run, name, values}) => [run ?? "", name, ...this.#axes.map(({key}) => values[key] ?? "")].map(quote).join(","));
    return [["run", "name", ...this.#axes.map(({key}) => key)].map(quote).join(","), ...lines].join("\r\n") + "\r\n";
  }
  debugState() { return {...super.debugState(), axes: this.#settled.map(({key, kind, log, invert}) => ({key, kind, log, invert: Boolean(invert)})), brushed: this.#brushed}; }
}

if (!customElements.get("parallel-chart")) customElements.define("parallel-chart", ParallelChart);
