import {EChart} from "../charts/echart.js";
import {formatTickAlone, formatValue} from "../charts/format.js";
import {quote} from "../charts/summary.js";
import * as strings from "../strings.js";

/**
 * `<bar-chart>` draws one value of each run or group, sorted, with error bars where there are some.
 * @property data `{run, name, value, color, low?, high?, count?}[]`  @property options `{title, unit, sort: "desc" (default) | "asc" | "none", about: {text, hint}}` what the bars are of
 */
export class BarChart extends EChart {
  #data = [];

  set data(data) { this.#data = data ?? []; this.invalidate(); }
  get data() { return this.#data; }

  option() {
    const {sort = "desc"} = this.options_;
    const direction = sort === "asc" ? -1 : 1;
    this.items = this.#data.filter(({value}) => Number.isFinite(value));
    if (sort !== "none") this.items.sort((a, b) => direction * (b.value - a.value));
    const rows = Math.max(1, Math.floor((this.view.plot.clientHeight - 40) / 22));
    const {text} = this.theme;
    return {
      grid: {left: 8, right: 56, top: 4, bottom: 22, containLabel: true},
      xAxis: this.axis({type: "value", scale: false, axisLabel: {color: this.theme.muted, fontSize: 11, hideOverlap: true, formatter: formatTickAlone}}),
      yAxis: this.axis({type: "category", inverse: true, data: this.items.map(({name}) => name), splitLine: {show: false}, axisLabel: {color: text, fontSize: 11, width: 120, overflow: "truncate", interval: 0}}),
      dataZoom: this.items.length > rows ? [{type: "inside", yAxisIndex: 0, startValue: 0, endValue: rows - 1, zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false, moveOnMouseMove: true}] : [],
      series: [
        {type: "bar", barMaxWidth: 18, data: this.items.map(({value, color}) => ({value, itemStyle: {color}})), label: {show: true, position: "right", color: text, fontSize: 11, formatter: ({value}) => formatValue(value)},
          labelLayout: ({dataIndex}) => (this.items[dataIndex]?.high > this.items[dataIndex]?.value ? {x: this.chart.convertToPixel({xAxisIndex: 0}, this.items[dataIndex].high) + 6} : {}),
          emphasis: {focus: "self", itemStyle: {borderColor: text, borderWidth: 1}}, blur: {itemStyle: {opacity: 0.3}}},
        this.#whiskers(),
      ],
    };
  }

  #whiskers() {
    const data = this.items.flatMap(({low, high}, i) => (Number.isFinite(low) && Number.isFinite(high) ? [[low, high, i]] : []));
    return {type: "custom", silent: true, z: 5, data, encode: {x: [0, 1], y: 2}, renderItem: (_, api) => {
      const [a, b] = [api.coord([api.value(0), api.value(2)]), api.coord([api.value(1), api.value(2)])];
      const line = (x1, y1, x2, y2) => ({type: "line", shape: {x1, y1, x2, y2}, style: {stroke: this.theme.text, lineWidth: 1.2}});
      return {type: "group", children: [line(a[0], a[1], b[0], b[1]), line(a[0], a[1] - 4, a[0], a[1] + 4), line(b[0], b[1] - 4, b[0], b[1] + 4)]};
    }};
  }

  chips() {
    const missing = this.#data.length - this.items.length, {about} = this.options_;
    return [...(about ? [about] : []), ...(missing ? [{text: strings.chart.withoutValue({count: missing}), kind: "warn"}] : [])];
  }

  tip({name, value, low, high, count}) {
    const band = bandOf({low, high});
    return `${name}\n${formatValue(value, 6)}${band && `\n${band}`}${count ? `\nn ${count}` : ""}`;
  }

  words() {
    const best = this.items[0], least = this.items.at(-1), banded = this.items.some(({low}) => Number.isFinite(low));
    return {name: strings.chart.barsName({title: this.options_.title ?? strings.chart.bars, count: this.items.length}), head: [strings.chart.nameHead, strings.chart.valueHead, ...(banded ? [strings.chart.bandHead] : [])],
      rows: this.items.map((item) => [item.name, formatValue(item.value), ...(banded ? [bandOf(item)] : [])]),
      text: best ? strings.chart.barsSummary({best: best.name, high: formatValue(best.value), least: least.name, low: formatValue(least.value)}) : strings.chart.noValues};
  }

  debugState() { return {...super.debugState(), bars: this.items.map(({name, value, low, high, count}) => ({name, value, low, high, count}))}; }
  toCSV() { return ["run,name,value,low,high", ...this.items.map(({run, name, value, low, high}) => [run ?? "", name, value, low ?? "", high ?? ""].map(quote).join(","))].join("\r\n") + "\r\n"; }
}

const bandOf = ({low, high}) => (Number.isFinite(low) ? `${formatValue(low)} – ${formatValue(high)}` : "");

if (!customElements.get("bar-chart")) customElements.define("bar-chart", BarChart);
