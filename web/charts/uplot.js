/**
 * Loads uPlot, the frame of our charts, once and when the first chart wants it.
 * @module
 */
let loading = null;

/** @returns {Promise<any>} the uPlot class */
export function loadUPlot() {
  loading ??= import("../vendor/uplot.js").then((module) => module.default, (error) => {
    loading = null;
    throw new Error("The chart library vendor/uplot.js could not be loaded. Run scripts/vendor, then reload.", {cause: error});
  });
  return loading;
}
