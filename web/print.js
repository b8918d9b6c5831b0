/**
 * Paper: light, without controls, with the names of the lines below each chart, and with every chart of the page, whatever the screen shows.
 * @module
 */
import {setPaper} from "./preferences.js";
import {offerCommands} from "./ui/commands.js";
import * as strings from "./strings.js";

const root = document.documentElement;
let isPaper = false;

/** Dresses the page for paper, or for the screen again. At once: a browser that prints does not wait. */
function dress(paper) {
  if (paper === isPaper) return;
  isPaper = paper;
  root.toggleAttribute("data-paper", paper);
  setPaper(paper);
  for (const panel of /** @type {NodeListOf<any>} */ (document.querySelectorAll("chart-panel"))) panel.showNow();
}

/** Prints when all charts are drawn, also those that were out of view. */
async function print() {
  dress(true);
  // Two frames: what the other layout mounts has begun to load.
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await new Promise((done) => {
    const watch = new MutationObserver(() => { if (root.dataset.idle === "1") { watch.disconnect(); done(null); } });
    watch.observe(root, {attributes: true, attributeFilter: ["data-idle"]});
    if (root.dataset.idle === "1") { watch.disconnect(); done(null); }
  });
  globalThis.print();
  dress(false);
}

addEventListener("beforeprint", () => dress(true));
addEventListener("afterprint", () => dress(false));
const medium = matchMedia("print");
medium.addEventListener("change", ({matches}) => dress(matches));
dress(medium.matches);
offerCommands(() => [{key: "print", label: strings.app.print, icon: "download", run: print}]);
