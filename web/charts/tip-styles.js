/** The look of tooltips, which comes with what opens them. @module */
import {sheet} from "./styles.js";

export const tipStyles = sheet(`
.tip { position: fixed; inset: auto; margin: 0; border: 1px solid color-mix(in srgb, var(--border, #7d8694) 55%, transparent); border-radius: 6px; padding: 6px 8px; background: var(--bg, #fff); color: var(--text, #1a1d23); box-shadow: 0 4px 16px rgb(0 0 0 / 16%); font: 12px/1.35 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; pointer-events: none; z-index: 50; max-width: min(440px, calc(100vw - 16px)); overflow: hidden; left: 0; top: 0; }
.tip.pinned { pointer-events: auto; border-color: var(--link, #0b57d0); user-select: text; }
.tip header { color: var(--muted, #56606e); margin-bottom: 3px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.tip table { border-collapse: collapse; width: 100%; }
.tip td, .tip th { padding: 1px 0 1px 10px; text-align: right; white-space: nowrap; font-weight: 400; }
.tip th { color: var(--muted, #56606e); font-size: 11px; }
.tip td.key, .tip th.key { padding-left: 0; text-align: left; }
.tip td.key { max-width: 190px; overflow: hidden; text-overflow: ellipsis; }
.tip tr.nearest td { font-weight: 600; }
.tip td.band { color: var(--muted, #56606e); }
.tip .rest { color: var(--muted, #56606e); margin-top: 2px; }
@media (max-width: 699px) { .tip { left: 8px !important; right: 8px; max-width: none; } }
@media (forced-colors: active) { .tip { border: 1px solid CanvasText; } }
`);
