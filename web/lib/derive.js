/**
 * What a chart draws when that is not what the server answered: a formula of metrics, the difference to a baseline run, runs set side by side
 * or behind their groups, an axis that follows from what was logged.
 * @module
 * @typedef {import("../charts/series-format.js").SeriesColumns} SeriesColumns
 */
import {againstBaseline} from "./formula.js";
export {groupPlaces} from "./group-members.js";
export {derivedAxis, perFactor, scaledSeries} from "./x-axes.js";

/** Keeps results as long as what they were made of is the same, so that a redraw computes nothing and a chart knows what it has drawn. */
export class Derivations {
  #kept = new Map();

  /** @template T  @param {string} key  @param {any[]} inputs  @param {() => T} make @returns {T} */
  of(key, inputs, make) {
    const held = this.#kept.get(key);
    if (held && held.inputs.length === inputs.length && inputs.every((input, i) => input === held.inputs[i])) return held.made;
    const made = make();
    this.#kept.set(key, {inputs, made});
    return made;
  }
}

/**
 * One series for each run, of a formula. @param {SeriesColumns[]} series  @param {{evaluate: Function}} formula  @param {string} text
 * @param {Derivations} derivations @returns {SeriesColumns[]} runs that lack a metric are left out
 */
export function formulaSeries(series, formula, text, derivations) {
  const byRun = new Map();
  for (const each of series) { if (!byRun.has(each.run)) byRun.set(each.run, []); byRun.get(each.run).push(each); }
  return [...byRun].flatMap(([run, parts]) => {
    const made = derivations.of(`${text}\n${run}`, parts, () => formula.evaluate(new Map(parts.map((part) => [part.metric, part]))));
    return made ? [derivations.of(`named\n${text}\n${run}`, [made], () => ({...made, run, metric: text}))] : [];
  });
}

/**
 * Each run against a baseline run, of the same metric. @param {SeriesColumns[]} series  @param {string} baseline  @param {"difference"|"ratio"} how
 * @param {Derivations} derivations @returns {SeriesColumns[]} without the baseline itself
 */
export function baselineSeries(series, baseline, how, derivations) {
  return series.filter(({run}) => run !== null && run !== baseline).flatMap((each) => {
    const other = series.find(({run, metric}) => run === baseline && metric === each.metric);
    return other ? [derivations.of(`${how}\n${baseline}\n${each.run}\n${each.metric}`, [each, other], () => againstBaseline(each, other, how))] : [];
  });
}

/**
 * Runs beside each other though they began or ended elsewhere. @param {SeriesColumns[]} series
 * @param {"first"|"percent"} how x counts from each run's first value, or from 0 to 100 between its first and last  @param {Derivations} derivations
 */
export function alignedSeries(series, how, derivations) {
  return series.map((data) => derivations.of(`${how}\n${JSON.stringify(data.group)}${data.run}\n${data.metric}`, [data], () => {
    const start = data.firstX, scale = how === "percent" ? (data.lastX > start ? 100 / (data.lastX - start) : 0) : 1;
    const move = (x) => (x - start) * scale;
    return {...data, x0: Float64Array.from(data.x0, move), x1: Float64Array.from(data.x1, move), firstX: 0, lastX: move(data.lastX), domain: /** @type {[number, number]} */ (data.domain.map(move))};
  }));
}
