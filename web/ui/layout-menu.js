/** The menu of how charts are laid out and drawn. @module */
import {html} from "../vendor/preact.js";
import * as strings from "../strings.js";
import {withoutRanges} from "./chart-toolbar.js";
import {Menu} from "./overlay.js";

const AGGREGATES = [["mean", strings.statistics.mean], ["median", strings.statistics.median], ["iqm", strings.statistics.iqm], ["min", strings.statistics.min], ["max", strings.statistics.max]];

export function LayoutMenu({view, runPage, onSections}) {
  const now = view.now;
  const perRow = (n, label) => ({label, checked: now.perRow === n, radio: true, onSelect: () => view.set({perRow: n})});
  const rule = (name, label) => ({label, checked: now.rule === name, radio: true, onSelect: () => view.set({rule: name})});
  return html`<${Menu} label=${strings.layout.title} icon="sliders-horizontal" className="icon-button" items=${[
    ...(runPage ? [] : [{label: strings.common.undo, icon: "undo-2", hint: strings.keyboard.ctrlZ, disabled: !view.canUndo, onSelect: () => view.undo()}, {label: strings.common.redo, icon: "redo-2", hint: strings.keyboard.ctrlShiftZ, disabled: !view.canRedo, onSelect: () => view.redo()}, null]),
    perRow(0, strings.layout.perRowAutomatic), perRow(1, strings.layout.onePerRow), perRow(2, strings.layout.twoPerRow), perRow(3, strings.layout.threePerRow), perRow(4, strings.layout.fourPerRow), null,
    rule("first", strings.layout.sectionsByFirst), rule("last", strings.layout.sectionsByLast), rule("none", strings.layout.oneSection),
    {label: strings.layout.ownSections, checked: now.own.length > 0, onSelect: onSections}, null,
    ...[["", strings.layout.runsAsTheyAre], ["first", strings.layout.runsFromFirst], ["percent", strings.layout.runsInPercent]].map(([name, label]) => ({label, checked: now.align === name, radio: true, onSelect: () => view.set({align: name, range: null, charts: withoutRanges(now.charts)})})), null,
    {label: strings.layout.linkRanges, checked: now.link, onSelect: () => view.set({link: !now.link, range: null})},
    {label: strings.layout.legends, checked: now.legend, onSelect: () => view.set({legend: !now.legend})},
    {label: strings.layout.throughLast, checked: now.line === "last", title: strings.layout.throughLastHint, onSelect: () => view.set({line: now.line === "last" ? "mean" : "last"})},
    {label: strings.layout.leaveOutliersOut, checked: now.outliers, hint: "O", onSelect: () => view.set({outliers: !now.outliers})},
    ...(runPage ? [] : [{label: strings.layout.lineOfGroup, checked: now.grouped, disabled: now.groupBy.length === 0, title: now.groupBy.length ? "" : strings.layout.groupFirst, onSelect: () => view.set({grouped: !now.grouped})},
      ...(now.grouped ? [{label: strings.layout.members, checked: now.members, onSelect: () => view.set({members: !now.members})}, null, ...AGGREGATES.map(([name, word]) => ({label: strings.layout.groupLine({name: word}), checked: now.aggregate === name, radio: true, onSelect: () => view.set({aggregate: name})})),
        ...[["minmax", strings.layout.bandMinMax], ["std", strings.layout.bandDeviation], ["sem", strings.layout.bandError], ["ci", strings.layout.bandInterval], ["none", strings.layout.bandNone]].map(([name, label]) => ({label: strings.layout.band({name: label}), checked: now.band === name, radio: true, onSelect: () => view.set({band: name})}))] : [])]),
  ]}/>`;
}
