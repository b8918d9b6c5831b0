/**
 * The view of a project's pages, and its form in the address: only what differs from the default is written.
 * @module
 *
 * @typedef {object} ChartSettings what one chart has of its own; what is absent follows the workspace
 * @property {[number, number]} [range] x-zoom  @property {[number, number]} [yRange]  @property {"linear"|"log"|"symlog"} [yScale]
 * @property {string} [x]  @property {{kind: string, amount: number}} [smoothing]  @property {boolean} [outliers]
 * @property {"mean"|"last"} [line]  @property {{y: number, to?: number, text?: string}[]} [lines] reference lines and bands  @property {[number, string][]} [notes] at an x
 *
 * @typedef {ReturnType<typeof defaultView>} View
 */

const text = {read: (value) => value, write: (value) => value};
const flag = {read: (value) => value === "1", write: (value) => (value ? "1" : "0")};
const integer = {read: (value) => (Number.isInteger(Number(value)) ? Number(value) : undefined), write: String};
const real = {read: (value) => (value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : undefined), write: String};
const words = {read: (value) => value.split(",").filter(Boolean).map(decodeURIComponent), write: (value) => value.map(encodeURIComponent).join(",")};
const json = {read: (value) => JSON.parse(value), write: (value) => JSON.stringify(value)};
const choice = (...values) => ({read: (value) => (values.includes(value) ? value : undefined), write: (value) => value});
const range = {
  read: (value) => { const pair = value.split("~").map(Number); return pair.length === 2 && pair.every(Number.isFinite) && pair[0] < pair[1] ? pair : undefined; },
  write: (value) => value.join("~"),
};
const smoothing = {
  read: (value) => {
    const [kind, amount] = value.split(":");
    return ["timeEMA", "ema", "gaussian", "average"].includes(kind) && Number(amount) >= 0 ? {kind, amount: Number(amount)} : undefined;
  },
  write: (value) => `${value.kind}:${value.amount}`,
};

/**
 * name in the view: [name in the address, form, default]
 * @type {Record<string, [string, {read: (value: string) => any, write: (value: any) => string}, any]>}
 */
const FIELDS = {
  filter: ["q", text, ""],
  sort: ["sort", text, "-createdAt"],
  groupBy: ["group", words, []],
  columns: ["cols", words, []],
  wrap: ["wrap", flag, false],
  show: ["show", choice("auto", "all", "none", "running", "latest"), "auto"],
  on: ["on", words, []],
  off: ["off", words, []],
  metrics: ["m", text, ""],
  x: ["x", text, "step"],
  smoothing: ["smooth", smoothing, {kind: "timeEMA", amount: 0}],
  outliers: ["outliers", flag, false],
  link: ["link", flag, false],
  range: ["range", range, null],
  charts: ["charts", json, {}],
  panels: ["panels", json, []],
  open: ["open", words, []],
  closed: ["closed", words, []],
  pinned: ["pin", words, []],
  order: ["order", words, []],
  sizes: ["sizes", json, {}],
  at: ["at", real, null],
  step: ["step", real, null],
  colorBy: ["color", text, ""],
  line: ["line", choice("mean", "last"), "mean"],
  align: ["align", choice("", "first", "percent"), ""],
  against: ["vs", choice("", "difference", "ratio"), ""],
  perRow: ["row", integer, 0],
  rule: ["sections", choice("first", "last", "none"), "first"],
  own: ["own", json, []],
  grouped: ["grouped", flag, false],
  members: ["members", flag, false],
  aggregate: ["agg", choice("mean", "median", "iqm", "min", "max"), "mean"],
  band: ["band", choice("minmax", "std", "sem", "ci", "none"), "minmax"],
  legend: ["legend", flag, false],
  full: ["full", text, ""],
  runs: ["runs", words, []],
  differences: ["diff", flag, true],
  swapped: ["swap", flag, false],
  ignore: ["ignore", words, []],
  baseline: ["base", text, ""],
  part: ["part", text, ""],
  plotX: ["px", text, ""],
  plotY: ["py", text, ""],
  plotSize: ["ps", text, ""],
  plotLog: ["plog", choice("none", "x", "y", "xy"), "x"],
  turned: ["turned", words, []],
  flat: ["flat", flag, false],
  stream: ["stream", choice("all", "stderr"), "all"],
  level: ["level", choice("all", "info", "warning", "error"), "all"],
  search: ["find", text, ""],
};

/** The view that an address without a query stands for. */
export function defaultView() {
  /** @type {Record<string, any>} */
  const view = {};
  for (const [name, [, , standard]] of Object.entries(FIELDS)) view[name] = structuredClone(standard);
  const typed = /** @type {{filter: string, sort: string, groupBy: string[], columns: string[], wrap: boolean, show: string, on: string[], off: string[],
    metrics: string, x: string, smoothing: {kind: string, amount: number}, outliers: boolean, link: boolean,
    range: [number, number]|null, charts: Record<string, ChartSettings>, panels: any[], open: string[], closed: string[],
    pinned: string[], order: string[], sizes: Record<string, number>, colorBy: string, at: number|null, step: number|null, align: ""|"first"|"percent", line: "mean"|"last", against: ""|"difference"|"ratio", perRow: number, rule: "first"|"last"|"none", own: [string, string][], grouped: boolean, members: boolean, aggregate: string, band: string,
    legend: boolean, full: string, runs: string[], differences: boolean, swapped: boolean, ignore: string[], baseline: string,
    part: string, plotX: string, plotY: string, plotSize: string, plotLog: "none"|"x"|"y"|"xy", turned: string[], flat: boolean, stream: string, level: string, search: string}} */ (view);
  return typed;
}

/** Reads a view from an address; what is not understood is left at its default. @param {string} search @returns {View} */
export function parseView(search) {
  const given = new URLSearchParams(search);
  const view = defaultView();
  for (const [name, [key, form, standard]] of Object.entries(FIELDS)) {
    const value = given.get(key);
    if (value === null) continue;
    try {
      const read = form.read(value);
      const fits = read !== undefined && (standard === null || (typeof read === typeof standard && Array.isArray(read) === Array.isArray(standard)));
      if (fits) view[name] = read;
    } catch { /* a link that was cut or edited: the default */ }
  }
  return view;
}

/** The query of a view, with its question mark; empty for the default view. @param {Partial<View>} view */
export function formatView(view) {
  const parts = [];
  for (const [name, [key, form, standard]] of Object.entries(FIELDS)) {
    const value = view[name];
    if (value === undefined || value === null || JSON.stringify(value) === JSON.stringify(standard)) continue;
    parts.push(`${key}=${escape(form.write(value))}`);
  }
  return parts.length ? `?${parts.join("&")}` : "";
}

// Keeps an address legible: only what would end or change the query is escaped.
const escape = (value) => encodeURIComponent(value).replace(/%(2F|3A|2C|7E|40|28|29|3C|3E|22|7B|7D|5B|5D)/g,
  (code) => (code === "%22" || code === "%3C" || code === "%3E" ? code : decodeURIComponent(code)));

/** True when two views make the same picture. */
export const sameView = (a, b) => formatView(a) === formatView(b);
