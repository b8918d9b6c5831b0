/** The menu of how charts are laid out and drawn. @module */
import {html} from "../vendor/preact.js";
import {withoutRanges} from "./chart-toolbar.js";
import {Menu} from "./overlay.js";

export function LayoutMenu({view, runPage, onSections}) {
  const now = view.now;
  const perRow = (n, label) => ({label, checked: now.perRow === n, radio: true, onSelect: () => view.set({perRow: n})});
  const rule = (name, label) => ({label, checked: now.rule === name, radio: true, onSelect: () => view.set({rule: name})});
  return html`<${Menu} label="Layout" icon="sliders-horizontal" className="icon-button" items=${[
    ...(runPage ? [] : [{label: "Undo", icon: "undo-2", hint: "Ctrl Z", disabled: !view.canUndo, onSelect: () => view.undo()}, {label: "Redo", icon: "redo-2", hint: "Ctrl Shift Z", disabled: !view.canRedo, onSelect: () => view.redo()}, null]),
    perRow(0, "Charts per row: automatic"), perRow(1, "1 per row"), perRow(2, "2 per row"), perRow(3, "3 per row"), perRow(4, "4 per row"), null,
    rule("first", "Sections by the first /"), rule("last", "Sections by the last /"), rule("none", "One section"),
    {label: "Own sections…", checked: now.own.length > 0, onSelect: onSections}, null,
    ...[["", "Runs as they are"], ["first", "Runs from their first value"], ["percent", "Runs from 0 to 100 %"]].map(([name, label]) => ({label, checked: now.align === name, radio: true, onSelect: () => view.set({align: name, range: null, charts: withoutRanges(now.charts)})})), null,
    {label: "Link x-ranges", checked: now.link, onSelect: () => view.set({link: !now.link, range: null})},
    {label: "Legends of up to 8 lines", checked: now.legend, onSelect: () => view.set({legend: !now.legend})},
    {label: "Lines through the last value", checked: now.line === "last", title: "Else through the mean of each bucket", onSelect: () => view.set({line: now.line === "last" ? "mean" : "last"})},
    {label: "Leave outliers out of ranges", checked: now.outliers, hint: "O", onSelect: () => view.set({outliers: !now.outliers})},
    ...(runPage ? [] : [{label: "One line per group", checked: now.grouped, disabled: now.groupBy.length === 0, title: now.groupBy.length ? "" : "Group the runs first", onSelect: () => view.set({grouped: !now.grouped})},
      ...(now.grouped ? [{label: "The runs behind their groups", checked: now.members, onSelect: () => view.set({members: !now.members})}, null, ...["mean", "median", "iqm", "min", "max"].map((name) => ({label: `Group line: ${name}`, checked: now.aggregate === name, radio: true, onSelect: () => view.set({aggregate: name})})),
        ...[["minmax", "min–max"], ["std", "standard deviation"], ["sem", "standard error"], ["ci", "95 % interval"], ["none", "none"]].map(([name, label]) => ({label: `Band: ${label}`, checked: now.band === name, radio: true, onSelect: () => view.set({band: name})}))] : [])]),
  ]}/>`;
}
