/**
 * Styles of the chart elements, as constructable sheets: they live in the shadow root and follow the page's custom properties.
 * @module
 */

/** @param {string} text @returns {CSSStyleSheet} */
export function sheet(text) {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}

/** What all charts share: the figure, its head, messages, text for screen readers only. */
export const figureStyles = sheet(`
:host { display: block; height: 240px; min-width: 0; color: var(--text, #1a1d23); font: 12px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; }
:host([hidden]) { display: none; }
figure { position: relative; display: flex; flex-direction: column; height: 100%; margin: 0; outline: none; border-radius: 4px; }
figure:focus-visible { outline: 2px solid var(--link, #0b57d0); outline-offset: 2px; }
.head { display: flex; align-items: center; gap: 8px; min-height: 24px; padding: 0 8px 2px; }
.title { font-weight: 600; font-size: 13px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 40px; flex: 0 1 auto; }
.unit { color: var(--muted, #56606e); flex: 1000 1 0; min-width: 0; container-type: inline-size; }
.unit > span { display: block; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
@container (max-width: 44px) { .unit > span { display: none; } }
.space { flex: 1 1 0; }
.chips { display: flex; gap: 6px; overflow: hidden; flex: 0 4 auto; min-width: 0; }
.chip { font: inherit; font-size: 11px; line-height: 18px; min-height: 24px; display: inline-flex; align-items: center; padding: 0 7px; border-radius: 12px; border: 0; background: transparent; color: var(--muted, #56606e); white-space: nowrap; }
button.chip { cursor: pointer; background: var(--surface, #f5f6f8); color: var(--text, #1a1d23); }
button.chip:hover { text-decoration: underline; }
button.chip:focus-visible { outline: 2px solid var(--link, #0b57d0); outline-offset: -2px; }
.chip.warn { color: var(--warn, #8a5a00); }
.chip.error { color: var(--error, #b3261e); }
.plot { position: relative; flex: 1 1 auto; min-height: 0; overflow: hidden; }
.bar { position: absolute; left: 0; right: 0; top: 24px; height: 2px; overflow: hidden; z-index: 3; pointer-events: none; }
.bar::before { content: ""; position: absolute; inset: 0; width: 30%; background: var(--link, #0b57d0); animation: slide 1.1s ease-in-out infinite; }
@keyframes slide { from { transform: translateX(-100%); } to { transform: translateX(430%); } }
@media (prefers-reduced-motion: reduce) { .bar::before { animation: none; width: 100%; opacity: .5; } }
.message { position: absolute; inset: 28px 8px 8px; display: flex; align-items: center; justify-content: center; text-align: center; color: var(--muted, #56606e); pointer-events: none; padding: 0 16px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; margin: 0; }
[hidden] { display: none !important; }
`);

/** The line chart: the frame's layers, our canvases, crosshair, value chip; the tooltip before it has a look of its own. */
export const seriesStyles = sheet(`
.plot { user-select: none; }
.axes { display: block; position: absolute; left: 0; top: 0; width: 100%; height: 100%; }
.select { display: none; position: absolute; pointer-events: none; background: color-mix(in srgb, var(--link, #0b57d0) 14%, transparent); border: solid color-mix(in srgb, var(--link, #0b57d0) 55%, transparent); border-width: 0 1px; }
.over { position: absolute; overflow: hidden; cursor: crosshair; touch-action: pan-y; }
.over.panning { cursor: grabbing; }
.over canvas { position: absolute; left: 0; top: 0; width: 100%; height: 100%; transform-origin: 0 0; pointer-events: none; }
.base { transition: opacity .12s; }
.base.faint { opacity: .3; }
@media (prefers-reduced-motion: reduce) { .base { transition: none; } }
.cross { position: absolute; top: 0; bottom: 0; width: 0; border-left: 1px solid var(--muted, #56606e); opacity: .7; pointer-events: none; left: 0; }
.dot { position: absolute; left: 0; top: 0; width: 8px; height: 8px; margin: -5px 0 0 -5px; border-radius: 50%; border: 1px solid var(--bg, #fff); pointer-events: none; }
.value { position: absolute; left: 0; top: 2px; padding: 0 5px; border-radius: 3px; background: var(--text, #1a1d23); color: var(--bg, #fff); font-size: 11px; line-height: 17px; pointer-events: none; white-space: nowrap; }
.xname { position: absolute; z-index: 1; right: 8px; bottom: 4px; color: var(--muted, #56606e); font-size: 11px; line-height: 14px; pointer-events: none; max-width: 70%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.legend { display: flex; gap: 12px; flex: none; height: 20px; padding: 0 8px; overflow: hidden; white-space: nowrap; font-size: 11px; line-height: 20px; }
.legend .entry { flex: none; max-width: 180px; overflow: hidden; text-overflow: ellipsis; }
.note { display: flex; gap: 6px; flex: none; height: 20px; padding: 0 8px; font-size: 11px; line-height: 20px; color: var(--muted, #56606e); white-space: nowrap; }
.note span { overflow: hidden; text-overflow: ellipsis; }
.note button { flex: none; font: inherit; border: 0; padding: 0 4px; background: none; color: var(--link, #0b57d0); text-decoration: underline; cursor: pointer; min-height: 24px; margin: -2px 0; }
.note button:focus-visible { outline: 2px solid var(--link, #0b57d0); outline-offset: -2px; }
.blank .plot { visibility: hidden; }
.tip { position: fixed; }
.swatch { display: inline-block; width: 14px; height: 0; border-top: 2.5px solid; margin-right: 6px; vertical-align: middle; }
.swatch.d1 { border-top-style: dashed; } .swatch.d2 { border-top-style: dotted; } .swatch.d3 { border-top-style: double; border-top-width: 3px; }
@media (forced-colors: active) { .value { border: 1px solid CanvasText; } .cross { border-color: Highlight; opacity: 1; } }
`);
