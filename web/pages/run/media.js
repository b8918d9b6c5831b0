/** Images, texts, tables and files of a run, all at one step. @module */
import {html, useEffect, useMemo, useState} from "../../vendor/preact.js";
import {PREFIX} from "../../router.js";
import {get, query} from "../../api.js";
import {ready} from "../../idle.js";
import {useChanges} from "../../store/signal.js";
import {compareNatural} from "../../lib/natural.js";
import {mediaAt, nearestStep, stepsOf} from "../../lib/media.js";
import {metricMatcher} from "../../lib/sections.js";
import {formatBytes, formatStep} from "../../charts/format.js";
import {Empty, ErrorCard, Icon} from "../../ui/parts.js";
import {Lightbox} from "../../ui/lightbox.js";
import {TextFile, TableFile} from "../../ui/media-files.js";
import * as strings from "../../strings.js";

const PAGE = 1000, MOST = 5000;
const KINDS = ["image", "video", "audio", "text", "table", "file"];
const blob = (digest) => `${PREFIX}api/v1/blobs/${digest}`;

export function Media({run, store, view, names}) {
  useChanges(view);
  const [media, setMedia] = useState(null), [error, setError] = useState(null), [open, setOpen] = useState(null);
  const {search: text, step: wanted} = view.now;
  useEffect(() => {
    const abort = new AbortController();
    const load = () => loadMedia(run.id, abort.signal).then((list) => { setMedia(list); setError(null); }, (failure) => { if (!abort.signal.aborted) setError(failure); }).finally(ready);
    load();
    let timer = 0;
    const more = ({detail}) => { if (detail.run === run.id && !timer) timer = setTimeout(() => { timer = 0; load(); }, 1000); };
    store.addEventListener("media", more);
    return () => { abort.abort(); clearTimeout(timer); store.removeEventListener("media", more); };
  }, [run.id]);
  const matcher = metricMatcher(text);
  const kept = useMemo(() => [...(names ?? [])].filter(({name}) => matcher.test(name)).sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || compareNatural(a.name, b.name)), [names, text]);
  const steps = useMemo(() => stepsOf((media ?? []).filter((each) => kept.some(({name}) => name === each.name))), [media, kept]);
  const step = (wanted === null ? steps.at(-1) : nearestStep(steps, wanted)) ?? 0;      // the newest until one is chosen
  if (error) return html`<div class="run-body"><${ErrorCard} error=${error}/></div>`;
  if (!media) return html`<div class="run-body"><div class="skeleton-page" aria-label=${strings.media.loading}></div></div>`;
  const cards = mediaAt(media, kept, step), images = cards.filter(({kind}) => kind === "image").flatMap((card) => card.media.filter(({pending}) => !pending));
  return html`<div class="run-body"><div class="toolbar">
      <div class=${`search ${matcher.error ? "invalid" : ""}`}><${Icon} name="search"/><input class="input" type="search" placeholder=${strings.media.filter} aria-label=${strings.media.filter} value=${text} onInput=${(event) => view.set({search: event.target.value}, {key: "search"})}/></div>
      <label class="tool media-step"><span>${strings.common.step}</span><input class="range" type="range" min="0" max=${Math.max(0, steps.length - 1)} step="1" value=${steps.indexOf(step)} disabled=${steps.length < 2} aria-label=${strings.common.step} aria-valuetext=${strings.common.stepAt({step})}
        onInput=${(event) => view.set({step: steps[Number(event.target.value)]}, {key: "step"})}/><output>${formatStep(step)}</output></label>
      <span class="muted small">${strings.media.steps({count: steps.length})}</span></div>
    ${cards.length === 0 && html`<${Empty} icon="image" title=${strings.media.nothingMatches}><p class="muted">${strings.media.noneLeft({text, count: names?.length ?? 0})}</p></${Empty}>`}
    <div class="media-grid">${cards.map((card) => html`<${Card} key=${`${card.kind}:${card.name}`} card=${card} step=${step} open=${setOpen}/>`)}</div>
    ${open && html`<${Lightbox} images=${images.map((each) => ({...each, src: blob(each.digest)}))} first=${images.findIndex((each) => each.digest === open.digest && each.name === open.name)} onClose=${() => setOpen(null)}/>`}</div>`;
}

async function loadMedia(run, signal) {
  const list = [];
  for (let cursor = ""; cursor !== null && list.length < MOST;) {
    const answer = await get(`/runs/${encodeURIComponent(run)}/media${query({limit: PAGE, cursor})}`, {signal});
    list.push(...answer.media);
    cursor = answer.nextCursor ?? null;
  }
  return list;
}

function Card({card, step, open}) {
  return html`<section class=${`media-card of-${card.kind}`} aria-label=${card.name}><h2>${card.name}<span class="muted small">${card.step === step ? "" : strings.media.nearest({step: formatStep(card.step)})}</span></h2>
    <div class="media-items">${card.media.map((each, i) => html`<figure key=${`${each.digest}:${i}`}>${each.pending ? html`<p class="muted">${strings.media.onItsWay}</p>` : html`<${File} medium=${each} open=${open}/>`}
      ${each.caption && html`<figcaption class="small">${each.caption}</figcaption>`}</figure>`)}</div></section>`;
}

function File({medium, open}) {
  const {kind, digest, name, caption, size, contentType} = medium, src = blob(digest);
  if (kind === "image") return html`<button type="button" class="media-image" onClick=${() => open(medium)} aria-label=${strings.media.enlarge({name: caption || name})}><img src=${src} alt=${caption || name} loading="lazy"/></button>`;
  if (kind === "text") return html`<${TextFile} src=${src} size=${size}/>`;
  if (kind === "table") return html`<${TableFile} src=${src} name=${name}/>`;
  if (kind === "audio") return html`<audio controls preload="none" src=${src} aria-label=${caption || name}></audio>`;
  if (kind === "video") return html`<video controls preload="metadata" src=${src} aria-label=${caption || name}></video>`;
  return html`<a class="button small" href=${src} download=${name}><${Icon} name="download"/>${contentType}, ${formatBytes(size)}</a>`;
}
