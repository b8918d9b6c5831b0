/** One image over the whole page: zoom by wheel and keys, drag, next and previous. @module */
import {html, useEffect, useRef, useState} from "../vendor/preact.js";
import {formatStep} from "../charts/format.js";
import * as strings from "../strings.js";
import {Dialog} from "./overlay.js";
import {IconButton} from "./parts.js";

const MOST = 64;

/** @param {{images: {src: string, name: string, step: number, caption?: string}[], first: number, onClose: () => void}} props */
export function Lightbox({images, first, onClose}) {
  const [at, setAt] = useState(Math.max(0, first));
  const [{scale, x, y}, setPlace] = useState({scale: 1, x: 0, y: 0});
  const box = useRef(null);
  const image = images[Math.min(at, images.length - 1)];
  const step = (by) => { setAt((at + by + images.length) % images.length); setPlace({scale: 1, x: 0, y: 0}); };
  const zoom = (factor, px = 0, py = 0) => setPlace((place) => {
    const next = Math.max(1, Math.min(MOST, place.scale * factor)), grown = next / place.scale;
    return next === 1 ? {scale: 1, x: 0, y: 0} : {scale: next, x: px - (px - place.x) * grown, y: py - (py - place.y) * grown};
  });
  useEffect(() => {
    const wheel = (event) => {
      event.preventDefault();
      const {left, top, width, height} = box.current.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 300), event.clientX - left - width / 2, event.clientY - top - height / 2);
    };
    box.current.addEventListener("wheel", wheel, {passive: false});
    return () => box.current?.removeEventListener("wheel", wheel);
  }, []);
  const keys = (event) => {
    const act = {ArrowLeft: () => step(-1), ArrowRight: () => step(1), "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: () => zoom(0)}[event.key];
    if (act) { event.preventDefault(); act(); }
  };
  const drag = (event) => { if (event.buttons === 1 && scale > 1) setPlace((place) => ({...place, x: place.x + event.movementX, y: place.y + event.movementY})); };
  return html`<${Dialog} title=${strings.media.imageTitle({name: image.name, step: formatStep(image.step)})} onClose=${onClose} className="lightbox"><div class="lightbox-body" onKeyDown=${keys}>
    <div class="lightbox-view" ref=${box} tabindex="0" role="group" aria-label=${strings.media.viewer} onPointerMove=${drag}>
      <img src=${image.src} alt=${image.caption || image.name} draggable=${false} style=${{transform: `translate(${x}px, ${y}px) scale(${scale})`, imageRendering: scale > 2 ? "pixelated" : "auto"}}/></div>
    <div class="row"><${IconButton} icon="chevron-left" label=${strings.media.previousImage} disabled=${images.length < 2} onClick=${() => step(-1)}/><${IconButton} icon="chevron-right" label=${strings.media.nextImage} disabled=${images.length < 2} onClick=${() => step(1)}/>
      <span class="muted small">${strings.media.place({at: at + 1, count: images.length, caption: image.caption ? ` · ${image.caption}` : ""})}</span><span class="spring"></span>
      <${IconButton} icon="zoom-out" label=${strings.media.smaller} onClick=${() => zoom(1 / 1.5)}/><output class="small">${Math.round(scale * 100)} %</output><${IconButton} icon="zoom-in" label=${strings.media.larger} onClick=${() => zoom(1.5)}/></div></div></${Dialog}>`;
}
