/** A plot of runs among the charts of one's own: scatter, parallel coordinates, bars. @module */
import {html, useEffect, useRef, useState} from "../vendor/preact.js";
import {columnOf} from "../lib/columns.js";
import {groupBars, placesOf} from "../lib/group-bars.js";
import {configPaths} from "../lib/run-keys.js";
import {scatterOf} from "../lib/run-points.js";
import {runColor} from "../charts/colors.js";
import {formatStep} from "../charts/format.js";
import {themeNow} from "../preferences.js";
import * as strings from "../strings.js";
import {Popover} from "./overlay.js";
import {AxisTools, ScatterTools} from "./plot-tools.js";
import {useGroups} from "./use-groups.js";

const ELEMENTS = {scatter: () => import("../elements/scatter-chart.js"), parallel: () => import("../elements/parallel-chart.js"), bar: () => import("../elements/bar-chart.js")};
/** Whether a panel is one of these. */
export const isRunPanel = ({type}) => Object.hasOwn(ELEMENTS, type);

/** @param {{panel: any, store: any, view: any, shown: string[], colors: any, change: (settings: object) => void, remove: any}} props `remove`: a button for the chart's head */
export function RunPanel({panel, store, view, shown, colors, change, remove}) {
  const element = useRef(null);
  const [loaded, setLoaded] = useState(false);
  useEffect(() => { ELEMENTS[panel.type]().then(() => setLoaded(true)); }, [panel.type]);
  const theme = themeNow(), settings = settingsOf(panel), {grouped, groupBy} = view.now, isGrouped = panel.type === "bar" && grouped && groupBy.length > 0;
  const {answer} = useGroups(store, {...view.now, groupBy: isGrouped ? groupBy : []}, panel.keys);
  const runs = shown.map((id) => store.runs.get(id)).filter((run) => run?.config || run?.summary);
  const color = (run) => colors?.of(run).color ?? runColor(run.color, theme);
  const plot = isGrouped ? barsOfGroups(answer, panel.keys[0], runs, theme) : PLOTS[panel.type]({runs, color, settings, keys: panel.keys, metrics: store.metrics});
  const stamp = JSON.stringify([plot, settings]);
  useEffect(() => {
    if (!loaded || !element.current) return;
    const {axes, options, data} = plot;
    Object.assign(element.current, {...(axes && {axes}), options, data});
  }, [loaded, stamp]);
  if (!loaded) return html`<div class="skeleton-page" aria-label=${strings.common.loading}></div>${remove}`;
  const tools = TOOLS[panel.type]?.({...settings, ...plot, store, runs, change});
  return html`<${`${panel.type}-chart`} ref=${element}><div slot="actions" class="chart-actions">
    ${tools && html`<${Popover} icon="sliders-horizontal" label=${strings.plots.settings({title: plot.options.title})} className="icon-button">${tools}<//>`}${remove}</div><//>`;
}

/** A link may have been edited by hand. */
const settingsOf = ({size, log, turned}) => ({size: typeof size === "string" ? size : "", log: typeof log === "string" ? log : "none", turned: Array.isArray(turned) ? turned : []});

const base = (run, color) => ({run: run.id, name: run.name, color: color(run)});
const titleOf = (key) => columnOf(key).label;

const PLOTS = {
  scatter({runs, color, settings: {size, log}, keys: [x, y], metrics}) {
    const plot = scatterOf(runs, {x, y, size, log}, color, metrics);
    return {...plot, options: {...plot.options, title: strings.chart.yByX({y: titleOf(y), x: titleOf(x)})}};
  },
  parallel({runs, color, settings: {turned}, keys}) {
    const columns = keys.map(columnOf);
    return {axes: columns.map(({key, label}) => ({key, name: label, invert: turned.includes(key)})), options: {title: strings.common.parallelCoordinates, colorBy: keys.at(-1)},
      data: runs.map((run) => ({...base(run, color), values: Object.fromEntries(columns.map((column) => [column.key, column.value(run)]))}))};
  },
  bar({runs, color, keys: [key]}) {
    const column = columnOf(key);
    return {options: {title: column.label}, data: runs.map((run) => ({...base(run, color), value: column.value(run)})).filter((bar) => Number.isFinite(bar.value))};
  },
};

function barsOfGroups(answer, key, shown, theme) {
  const runs = answer.groups.reduce((sum, group) => sum + group.runs, 0), places = placesOf(answer, shown), about = {text: strings.plots.groups({count: answer.groups.length, runs: formatStep(runs)}), hint: strings.plots.groupsHint};
  return {options: {title: titleOf(key), about}, data: groupBars(answer, key, (place) => runColor(places[place], theme))};
}

/** What stands in a plot's menu, made when that is opened. */
const TOOLS = {
  scatter: ({store, runs, size, log, positive, change}) => () => html`<${ScatterTools} keys=${numbersOf(store, runs)} size=${size} log=${log} positive=${positive} onChange=${change}/>`,
  parallel: ({axes, turned, change}) => () => html`<${AxisTools} axes=${axes} turned=${turned} onChange=${(keys) => change({turned: keys})}/>`,
};

/** Keys that have numbers in these runs. */
const numbersOf = (store, runs) => [...configPaths(store).map((path) => `config.${path}`), ...store.metrics.map(({name}) => `summary.${name}.last`)].filter((key) => runs.some((run) => typeof columnOf(key).value(run) === "number"));
