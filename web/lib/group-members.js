/**
 * Which group's line each run belongs to, when members are drawn behind their groups.
 * @module
 */
import {columnOf} from "./columns.js";

/**
 * @param {object[]} groups values by key, as the server answers them, in the order of their lines  @param {string[]} by the keys
 * @returns {(run: object) => number} the place of the run's group; −1 for a run of none
 */
export function groupPlaces(groups, by) {
  const columns = by.map(columnOf), places = new Map(groups.map((group, place) => [nameOf(by.map((key) => (group.keys ?? group)[key])), place]));
  return (run) => places.get(nameOf(columns.map((column) => column.value(run)))) ?? -1;
}

/** Values as one text: a missing value is a value, too, and numbers may come as words. */
const nameOf = (values) => JSON.stringify(values.map((value) => (value === undefined || value === null ? null : typeof value === "object" ? value : String(value))));
