/** Keys and commands that act on the chart under the pointer or with the focus, or on all charts. @module */
import * as strings from "../strings.js";
import {onShortcut} from "./shortcuts.js";
import {offerCommands} from "./commands.js";
import {withoutRanges} from "./chart-toolbar.js";

/** @param {import("../store/view.js").ViewStore} view @returns {() => void} takes them away */
export function chartShortcuts(view) {
  const panel = () => document.activeElement?.closest?.("chart-panel") ?? document.querySelector("chart-panel:hover");
  const onPanel = (act) => () => { const found = panel(); if (!found) return false; act(found); };
  const drop = onShortcut({
    l: onPanel((found) => { const own = view.now.charts[found.model.metric] ?? {}; found.change({yScale: own.yScale === "log" ? undefined : "log"}); }),
    o: () => { const found = panel(); if (found) { const own = view.now.charts[found.model.metric]?.outliers ?? view.now.outliers; found.change({outliers: !own}); } else view.set({outliers: !view.now.outliers}); },
    f: onPanel((found) => view.set({full: found.model.metric})),
    r: () => view.set({range: null, charts: withoutRanges(view.now.charts)}),
  });
  const offer = offerCommands(() => [
    {key: "reset-zoom", label: strings.chart.resetAllZooms, icon: "scan", note: "R", run: () => view.set({range: null, charts: withoutRanges(view.now.charts)})},
    {key: "outliers", label: view.now.outliers ? strings.chart.showOutliers : strings.chart.hideOutliers, icon: "sliders-horizontal", note: "O", run: () => view.set({outliers: !view.now.outliers})},
    {key: "x-wall", label: strings.chart.xWall, icon: "clock", note: strings.axes.title, run: () => view.set({x: "wall"})},
    {key: "x-step", label: strings.chart.xStep, icon: "clock", note: strings.axes.title, run: () => view.set({x: "step"})},
  ]);
  return () => { drop(); offer(); };
}
