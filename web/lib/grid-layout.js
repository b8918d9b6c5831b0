/**
 * Where charts of different widths stand in a grid.
 * @module
 */

/**
 * Places in reading order; a chart that does not fit beside the last begins a row. O(n)
 * @param {string[]} metrics  @param {number} columns  @param {Record<string, number>} sizes columns that a chart takes, 1 if it is not named
 * @returns {{places: {row: number, column: number, span: number}[], rows: number}}
 */
export function layOut(metrics, columns, sizes) {
  let row = 0, column = 0;
  const places = metrics.map((metric) => {
    const span = Math.max(1, Math.min(columns, Math.round(Number(sizes[metric]) || 1)));
    if (column + span > columns) { row += 1; column = 0; }
    const place = {row, column, span};
    column += span;
    return place;
  });
  return {places, rows: metrics.length ? row + 1 : 0};
}

/**
 * The order after a chart was taken and put before another. @param {string[]} metrics  @param {string} moved  @param {string|null} before null for the end
 */
export function moveBefore(metrics, moved, before) {
  const rest = metrics.filter((metric) => metric !== moved), at = before === null ? -1 : rest.indexOf(before);
  return at < 0 ? [...rest, moved] : [...rest.slice(0, at), moved, ...rest.slice(at)];
}

/**
 * Before which chart a place in the grid lies; null is the end.
 * @param {string[]} metrics  @param {{row: number, column: number, span: number}[]} places  @param {{x: number, y: number}} at in cells, 0 at the top left
 */
export function chartAt(metrics, places, {x, y}) {
  const after = places.findIndex(({row, column, span}) => row > Math.floor(y) || (row === Math.floor(y) && column + span / 2 > x));
  return after < 0 ? null : metrics[after];
}
