/** The menu of one chart: axes, outliers, copies. Built once when it opens. @module */
import {PREFIX, address, go} from "../router.js";
import {fileName} from "../lib/names.js";
import {toast} from "../ui/overlay.js";
import {copyText} from "../ui/parts.js";
import {themeNow} from "../preferences.js";
import {setIcon} from "../sprite.js";
import * as strings from "../strings.js";

/** Opens the menu of a panel below `button`. */
export function openChartMenu(button, panel) {
  const {metric, view} = panel.model;
  const own = view.charts[metric] ?? {};
  const chart = panel.chart, other = themeNow() === "dark" ? "light" : "dark";
  const scale = (name, label) => ({label, checked: (own.yScale ?? "linear") === name, act: () => panel.change({yScale: name === "linear" ? undefined : name})});
  const save = (ending, blob) => download(`${fileName([location.pathname.split("/p/")[1]?.split("/")[0] ?? "track", metric])}.${ending}`, blob);
  open(button, [
    scale("linear", strings.chart.linearY), scale("log", strings.chart.logY), scale("symlog", strings.chart.symlogY), null,
    {label: strings.chart.logX, checked: own.xScale === "log", act: () => panel.change({xScale: own.xScale === "log" ? undefined : "log"})},
    {label: strings.chart.leaveOutliersOut, checked: own.outliers ?? view.outliers, act: () => panel.change({outliers: !(own.outliers ?? view.outliers)})},
    {label: view.pinned.includes(metric) ? strings.chart.unpin : strings.chart.pin, icon: "pin", act: () => panel.dispatchEvent(new CustomEvent("chart-pin", {detail: {metric}, bubbles: true}))},
    {label: strings.chart.settings, icon: "settings", act: async () => (await import("../ui/chart-settings.js")).openChartSettings(panel)},
    {label: strings.chart.sameAsWorkspace, icon: "rotate-ccw", disabled: Object.keys(own).length === 0, act: () => panel.change(Object.fromEntries(Object.keys(own).map((key) => [key, undefined])))},
    null,
    ...logEntry(panel),
    {label: strings.chart.viewAsTable, icon: "table", act: async () => (await import("../ui/chart-table.js")).openChartTable(panel)},
    {label: strings.chart.copyCode, icon: "terminal", act: async () => { await copyText(codeFor(panel)); toast(strings.chart.codeCopied); }},
    {label: strings.chart.downloadPNG, icon: "image", act: async () => save("png", await chart.toPNG(2))},
    {label: strings.chart.downloadLargePNG, icon: "image", act: async () => save("png", await chart.toPNG(3))},
    {label: strings.chart.downloadOtherPNG({theme: other}), icon: "image", act: async () => save("png", await chart.toPNG(2, other))},
    {label: strings.chart.downloadSVG, icon: "image", act: () => save("svg", new Blob([chart.toSVG()], {type: "image/svg+xml"}))},
    {label: strings.chart.downloadJSON, icon: "download", act: () => save("json", new Blob([chart.toJSON()], {type: "application/json"}))},
    {label: strings.chart.downloadCSV, icon: "download", act: () => save("csv", new Blob([chart.toCSV()], {type: "text/csv"}))},
    ...allPoints(panel),
  ]);
}

/** Runs in one address. */
const MOST_RUNS = 400;

/** Every point behind the chart: the server streams them into a file, however many there are. */
function allPoints(panel) {
  const {metrics} = panel.question, {runs} = panel.model;
  if (runs.length > MOST_RUNS) return [{label: strings.chart.tooManyRuns({most: MOST_RUNS}), icon: "download", disabled: true}];
  const address = (format) => `${PREFIX}api/v1/points?runs=${runs.join(",")}${metrics.map((metric) => `&metric=${encodeURIComponent(metric)}`).join("")}&format=${format}`;
  const entry = (label, format) => ({label, icon: "download", disabled: !runs.length, act: () => follow(address(format), "")});
  return [entry(strings.chart.downloadAllCSV, "csv"), entry(strings.chart.downloadAllJSON, "jsonl")];
}

/** On a run's page: the log at the moment that is pinned, where the axis tells the time. */
function logEntry(panel) {
  const {runs: [id], store} = panel.model, {pinned, crosshair, xKind} = panel.chart.debugState(), run = store.runs.get(id);
  if (!location.pathname.includes(`/r/${id}`) || !run) return [];
  const isSinceStart = xKind === "relative" || (xKind === "running" && (run.attempts?.length ?? 1) < 2);
  const seconds = xKind === "wall" ? crosshair : isSinceStart ? (run.startedAt ?? run.createdAt) / 1000 + crosshair : null;
  const isKnown = pinned && seconds !== null;
  return [{label: isKnown ? strings.chart.logAtPinned : strings.chart.logAtPinnedHint, icon: "scroll-text", disabled: !isKnown,
    act: () => go(`${address(["p", run.project, "r", id, "logs"])}#at-${seconds}`)}];
}

/** A program that asks the server for what a panel shows; its key comes from the environment. */
function codeFor(panel) {
  const url = `${location.origin}${PREFIX}api/v1/series/query`;
  return `import json, os, urllib.request

question = ${JSON.stringify(panel.question, null, 1).replaceAll("true", "True").replaceAll("null", "None")}
headers = {"Content-Type": "application/json"}
if "TRACK_API_KEY" in os.environ:
    headers["Authorization"] = f"Bearer {os.environ['TRACK_API_KEY']}"
request = urllib.request.Request("${url}", json.dumps(question).encode(), headers)
for series in json.load(urllib.request.urlopen(request))["series"]:
    print(series["run"], series["metric"], series["points"], series["mean"][-1:])
`;
}

function open(button, items) {
  const menu = document.createElement("div");
  menu.className = "menu-list floating";
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", button.getAttribute("aria-label"));
  for (const item of items) menu.append(item ? entry(item, close) : document.createElement("hr"));
  (button.closest("dialog, main") ?? document.body).append(menu);
  const [at, box] = [button.getBoundingClientRect(), menu.getBoundingClientRect()];
  menu.style.left = `${Math.max(8, Math.min(at.right - box.width, innerWidth - box.width - 8))}px`;
  menu.style.top = `${at.bottom + box.height + 4 > innerHeight ? Math.max(8, at.top - box.height - 4) : at.bottom + 4}px`;
  button.setAttribute("aria-expanded", "true");
  const outside = (event) => { if (!menu.contains(event.target) && !button.contains(event.target)) close(false); };
  document.addEventListener("pointerdown", outside, true);
  menu.addEventListener("keydown", (event) => {
    const all = [...menu.querySelectorAll("button:not([aria-disabled=true])")];
    const by = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (by) { event.preventDefault(); all[(all.indexOf(document.activeElement) + by + all.length) % all.length].focus(); }
    if (event.key === "Escape" || event.key === "Tab") { event.preventDefault(); event.stopPropagation(); close(true); }
  });
  menu.querySelector("button:not([aria-disabled=true])").focus();
  function close(refocus = true) {
    document.removeEventListener("pointerdown", outside, true);
    button.removeAttribute("aria-expanded");
    menu.remove();
    if (refocus) button.focus();
  }
}

function entry({label, checked, icon, disabled, act}, close) {
  const button = document.createElement("button");
  button.type = "button";
  button.tabIndex = -1;
  button.setAttribute("role", checked === undefined ? "menuitem" : "menuitemcheckbox");
  if (checked !== undefined) button.setAttribute("aria-checked", String(Boolean(checked)));
  if (disabled) button.setAttribute("aria-disabled", "true");
  button.innerHTML = `<span class="menu-check"></span><span></span>`;
  const name = checked ? "check" : icon;
  if (name) {
    button.firstElementChild.innerHTML = `<svg class="icon" width="16" height="16" aria-hidden="true"><use/></svg>`;
    setIcon(button.querySelector("use"), name);
  }
  button.lastElementChild.textContent = label;
  button.addEventListener("click", async () => {
    if (disabled) return;
    close();
    try { await act(); } catch (error) { toast(strings.chart.actFailed({act: label, reason: error.message}), {kind: "error"}); }
  });
  return button;
}

/** Hands a file to the person. @param {Blob} blob */
export function download(name, blob) {
  const href = URL.createObjectURL(blob);
  follow(href, name);
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

/** Saves what is at an address. @param {string} name empty for the name that the server gives */
function follow(href, name) {
  const link = Object.assign(document.createElement("a"), {href, download: name});
  document.body.append(link);
  link.click();
  link.remove();
}
