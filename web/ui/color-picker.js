/** Chooses a run's colour and line style; it is stored with the run, for everybody. @module */
import {html} from "../vendor/preact.js";
import {PALETTE} from "../charts/colors.js";
import {themeNow} from "../preferences.js";
import * as strings from "../strings.js";
import {Dialog, toastError} from "./overlay.js";

const STYLES = [strings.colors.solid, strings.colors.dashed, strings.colors.dotted, strings.colors.dashDot];

export function ColorPicker({store, id, onClose}) {
  const run = store.runs.get(id);
  const choose = async (color) => {
    try { await store.update(id, {color}); } catch (error) { toastError(error); }
  };
  const [hue, style] = [run.color % 16, Math.floor(run.color / 16) % 4];
  return html`<${Dialog} title=${strings.colors.of({name: run.name})} onClose=${onClose} className="colors">
    <div class="color-grid" role="group" aria-label=${strings.colors.colour}>${PALETTE[themeNow()].map((color, i) => html`<button type="button" key=${i} class="color" aria-label=${strings.colors.numbered({number: i + 1})} aria-pressed=${i === hue ? "true" : "false"}
      style=${{background: color}} onClick=${() => choose(style * 16 + i)}></button>`)}</div>
    <div class="tabs small-tabs" role="group" aria-label=${strings.colors.lineStyle}>${STYLES.map((name, i) => html`<button type="button" key=${name} class="tab" aria-pressed=${i === style ? "true" : "false"} onClick=${() => choose(i * 16 + hue)}>${name}</button>`)}</div>
  </${Dialog}>`;
}
