/**
 * Loads uPlot, the frame of our charts, once. It comes as a classic script that sets one global.
 * @module
 */
let loading = null;

/** @returns {Promise<any>} the uPlot class */
export function loadUPlot() {
  loading ??= new Promise((resolve, reject) => {
    if (globalThis.uPlot) { resolve(globalThis.uPlot); return; }
    const script = document.createElement("script");
    script.src = new URL("../vendor/uplot.iife.min.js", import.meta.url).href;
    script.onload = () => resolve(globalThis.uPlot);
    script.onerror = () => reject(new Error("vendor/uplot.iife.min.js is missing. Run scripts/vendor."));
    document.head.append(script);
  });
  return loading;
}
