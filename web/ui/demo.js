/** Fills a project with runs to look around in. @module */
import {get, post} from "../api.js";
import {address, go} from "../router.js";
import {html, useState} from "../vendor/preact.js";
import {demoRuns} from "../lib/demo-data.js";
import * as strings from "../strings.js";
import {Icon} from "./parts.js";
import {toastError} from "./overlay.js";

export const DEMO = "demo";

/** Makes the demo's runs, unless the project is there already. */
async function fill() {
  const {projects} = await get("/projects");
  if (projects.some(({name, runs}) => name === DEMO && runs > 0)) return;
  for (const {batch, state, ...about} of demoRuns(Date.now())) {
    const {run} = await post("/runs", {project: DEMO, ...about});
    await post(`/runs/${run.id}/batches`, batch);
    await post(`/runs/${run.id}/finish`, {state});
  }
}

export function DemoButton() {
  const [busy, setBusy] = useState(false);
  const load = async () => {
    setBusy(true);
    try { await fill(); go(address(["p", DEMO])); } catch (error) { setBusy(false); toastError(error); }
  };
  return html`<p class="row"><button type="button" class="button" disabled=${busy} onClick=${load}><${Icon} name="chart-line"/>${busy ? strings.common.loadingNow : strings.projects.loadDemo}</button>
    <span class="muted small">${strings.projects.demoHint}</span></p>`;
}
