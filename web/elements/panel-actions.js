/** The buttons in the head of a chart, and the edge that makes it wider. @module */
import {setIcon} from "../sprite.js";
import * as strings from "../strings.js";

const GRIP = `<svg class="icon grip-dots" width="15" height="15" viewBox="0 0 15 15" aria-hidden="true"><path d="M5 3v.01M5 7.5v.01M5 12v.01M10 3v.01M10 7.5v.01M10 12v.01"/></svg>`;
const ICON = `<svg class="icon" width="15" height="15" aria-hidden="true"><use/></svg>`;

/** Grip, full screen, menu, for the slot of the chart's head. @param {import("./chart-panel.js").ChartPanel} panel  @param {() => void} full */
export function panelActions(panel, full) {
  const box = document.createElement("div");
  box.slot = "actions";
  box.className = "chart-actions";
  for (const [icon, label, act] of [["grip", strings.chart.move, () => {}], ["maximize-2", strings.common.fullScreen, full],
    ["ellipsis", strings.chart.menu, async (button) => (await import("./chart-menu.js")).openChartMenu(button, panel)]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = icon === "grip" ? "icon-button chart-grip" : "icon-button";
    button.innerHTML = icon === "grip" ? GRIP : ICON;
    if (icon !== "grip") setIcon(button.querySelector("use"), icon);
    button.addEventListener("click", () => act(button));
    button.dataset.label = label;
    box.append(button);
  }
  return box;
}

/** Says what each button does, and to which chart. */
export function nameActions(panel, metric) {
  for (const button of panel.querySelectorAll("[slot=actions] button")) {
    button.title = button.dataset.label;
    button.setAttribute("aria-label", `${button.dataset.label}: ${metric}`);
  }
}

/** What is dragged to make a chart wider. */
export function panelEdge() {
  const edge = Object.assign(document.createElement("div"), {className: "chart-edge"});
  edge.setAttribute("aria-hidden", "true");
  return edge;
}
