/** Groups of runs, as the server sums them up, as bars. @module */
import {groupName} from "./group-name.js";

/**
 * @param {{by: string[], groups: {values: any[], runs: number, columns: Record<string, import("./group-tree.js").Spread>}[]}} answer of all runs that match
 * @param {string} key of the column that is drawn  @param {(place: number) => string} color
 * @returns {{run: null, name: string, color: string, value?: number, low?: number, high?: number, count: number}[]} mean, and ± one standard deviation where more than one run has a value
 */
export function groupBars({by, groups}, key, color) {
  return groups.map(({values, columns}, place) => {
    const {count = 0, mean, std} = columns[key] ?? {}, name = groupName(Object.fromEntries(by.map((each, i) => [each, values[i]])));
    return {run: null, name, color: color(place), value: count ? mean : undefined, count, ...(count > 1 && {low: mean - std, high: mean + std})};
  });
}
