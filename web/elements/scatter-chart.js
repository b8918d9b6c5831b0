import {EChart} from "../charts/echart.js";
import {formatTickAlone, formatValue} from "../charts/format.js";
import {diameters, leastSquares, paretoFront} from "../charts/statistics.js";
import {quote} from "../charts/summary.js";
import * as strings from "../strings.js";

/**
 * `<scatter-chart>` draws runs by two numbers.
 * @property data `{run, name, color, x, y, size?}[]`
 * @property options `{title, xName, yName, sizeName, xScale, yScale: "linear"|"log", trend: boolean, pareto: {x: "min"|"max", y: "min"|"max"}|null, brush: boolean}`
 * @fires brush {runs, ranges} runs inside the rectangle; null when it is taken away
 */
export class ScatterChart extends EChart {
  #data = []; #brushed = null;

  set data(data) { this.#data = data ?? []; this.invalidate(); }
  get data() { return this.#data; }

  attached() {
    this.chart.on("brushEnd", ({areas}) => this.#brushEnd(areas));
  }

  option() {
    const {xScale, yScale, xName = "x", yName = "y"} = this.options_;
    const placed = (v, scale) => Number.isFinite(v) && (scale !== "log" || v > 0);
    this.items = this.#data.filter(({x, y}) => placed(x, xScale) && placed(y, yScale));
    const sizes = diameters(this.items.map(({size}) => size));
    const axis = (name, scale, extra) => this.axis({type: scale === "log" ? "log" : "value", name, scale: true, nameLocation: "middle", ...extra,
      axisLabel: {color: this.theme.muted, fontSize: 11, hideOverlap: true, formatter: formatTickAlone}});
    return {
      grid: {left: 26, right: 18, top: 8, bottom: 24, containLabel: true},
      xAxis: axis(xName, xScale, {nameGap: 24}), yAxis: axis(yName, yScale, {nameGap: 40}),
      toolbox: {show: false},
      brush: {toolbox: [], xAxisIndex: 0, brushStyle: {color: "rgba(128,128,128,.12)", borderColor: this.theme.link, borderWidth: 1}, outOfBrush: {colorAlpha: 0.15}, throttleType: "debounce", throttleDelay: 60},
      series: [{type: "scatter", data: this.items.map(({x, y, color}, i) => ({value: [x, y], symbolSize: sizes[i], itemStyle: {color, opacity: 0.85}})),
        emphasis: {focus: "self", scale: 1.5, itemStyle: {borderColor: this.theme.text, borderWidth: 1.5, opacity: 1}}, blur: {itemStyle: {opacity: 0.25}}, progressive: 2000},
      ...this.#lines()],
    };
  }

  #lines() {
    const {trend, pareto} = this.options_, lines = [];
    const fit = trend ? this.fit : null;
    const style = {type: "line", silent: true, showSymbol: false, z: 1};
    if (fit) lines.push({...style, data: fit.ends, lineStyle: {color: this.theme.muted, type: "dashed", width: 1.2}, itemStyle: {color: this.theme.muted}});
    if (pareto) lines.push({...style, step: pareto.x === "min" ? "end" : "start", data: paretoFront(this.items, pareto.x, pareto.y).map(({x, y}) => [x, y]), lineStyle: {color: this.theme.link, width: 1.5}, itemStyle: {color: this.theme.link}});
    return lines;
  }

  /** The trend in the places of the axes. @returns {{correlation: number, ends: [number, number][]}|null} */
  get fit() {
    const {xScale, yScale} = this.options_, fx = xScale === "log" ? Math.log10 : Number, fy = yScale === "log" ? Math.log10 : Number;
    const line = leastSquares(this.items.map(({x, y}) => [fx(x), fy(y)]));
    if (!line) return null;
    const xs = this.items.map(({x}) => x), back = (v) => (yScale === "log" ? 10 ** v : v);
    return {correlation: line.correlation, ends: [Math.min(...xs), Math.max(...xs)].map((x) => [x, back(line.intercept + line.slope * fx(x))])};
  }

  drawn() {
    if (this.options_.brush === false) return;
    this.chart.dispatchAction({type: "takeGlobalCursor", key: "brush", brushOption: {brushType: "rect", brushMode: "single"}});
  }

  #brushEnd(areas) {
    const range = areas?.[0]?.coordRange;
    if (!range) { if (this.#brushed) { this.#brushed = null; this.fire("brush", {runs: null, ranges: null}); } return; }
    const inside = (v, [low, high]) => v >= low && v <= high;
    const runs = this.items.filter(({x, y}) => inside(x, range[0]) && inside(y, range[1])).map(({run}) => run);
    this.#brushed = runs;
    this.fire("brush", {runs, ranges: {x: range[0], y: range[1]}});
  }

  /** Takes the rectangle away. */
  clearBrush() { this.chart?.dispatchAction({type: "brush", areas: []}); this.#brushEnd([]); }

  chips() {
    const missing = this.#data.length - this.items.length, chips = [];
    if (this.options_.trend && this.fit) chips.push({text: `r ${formatValue(this.fit.correlation, 2)}`, hint: strings.chart.correlationHint});
    if (missing) chips.push({text: strings.chart.pointsNotShown({count: missing}), kind: "warn", hint: strings.chart.pointsNotShownHint});
    return chips;
  }

  /** Names of the numbers of a point, the size if it has one. */
  get #names() {
    const {xName = "x", yName = "y", sizeName} = this.options_;
    return sizeName ? [xName, yName, sizeName] : [xName, yName];
  }

  tip({name, ...numbers}) {
    const values = [numbers.x, numbers.y, numbers.size];
    return [name, ...this.#names.map((each, i) => `${each}: ${Number.isFinite(values[i]) ? formatValue(values[i], 6) : "—"}`)].join("\n");
  }

  words() {
    const {title, xName = "x", yName = "y"} = this.options_, names = this.#names;
    return {name: strings.chart.pointsName({title: title ?? strings.chart.yByX({y: yName, x: xName}), count: this.items.length}), head: [strings.chart.nameHead, ...names], rows: this.items.map(({name, x, y, size}) => [name, ...[x, y, size].slice(0, names.length).map((v) => (Number.isFinite(v) ? formatValue(v) : "—"))]),
      text: this.fit ? strings.chart.correlation({value: formatValue(this.fit.correlation, 2)}) : ""};
  }

  toCSV() {
    const names = this.#names;
    return [["run", "name", ...names], ...this.items.map(({run, name, x, y, size}) => [run ?? "", name, ...[x, y, size ?? ""].slice(0, names.length)])].map((row) => row.map(quote).join(",")).join("\r\n") + "\r\n";
  }
  debugState() { return {...super.debugState(), scales: [this.options_.xScale, this.options_.yScale], sizes: diameters(this.items.map(({size}) => size)), trend: this.options_.trend ? this.fit : null, brushed: this.#brushed, pareto: this.options_.pareto ? paretoFront(this.items, this.options_.pareto.x, this.options_.pareto.y).map(({run}) => run) : null}; }
}

if (!customElements.get("scatter-chart")) customElements.define("scatter-chart", ScatterChart);
