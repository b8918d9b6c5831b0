/** Groups of runs, as the server sums them up, as bars. @module */
import {groupPlaces} from "./group-members.js";
import {groupName} from "./group-name.js";

/**
 * @param {{by: string[], groups: {values: any[], runs: number, columns: Record<string, import("./group-tree.js").Spread>}[]}} answer of all runs that match
 * @param {string} key of the column that is drawn  @param {(place: number) => string} color
 * @returns {{run: null, name: string, color: string, value?: number, low?: number, high?: number, count: number}[]} mean, and ± one standard deviation where more than one run has a value
 */
export function groupBars({by, groups}, key, color) {
  return groups.map(({values, columns}, place) => {
    const {count = 0, mean, std} = columns[key] ?? {}, name = groupName(keysOf(by, values));
    return {run: null, name, color: color(place), value: count ? mean : undefined, count, ...(count > 1 && {low: mean - std, high: mean + std})};
  });
}

/**
 * The number of each group's colour: that of its line, as the shown runs have it first; groups of which none is shown follow.
 * @param {{by: string[], groups: {values: any[]}[]}} answer  @param {object[]} shown @returns {number[]}
 */
export function placesOf({by, groups}, shown) {
  const placeOf = groupPlaces(groups.map(({values}) => ({keys: keysOf(by, values)})), by);
  const order = [...new Set([...shown.map(placeOf).filter((place) => place >= 0), ...groups.keys()])];
  return groups.map((_, place) => order.indexOf(place));
}

const keysOf = (by, values) => Object.fromEntries(by.map((key, i) => [key, values[i]]));
