/** Which project this is, and the way to another. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {address, go} from "../router.js";
import {get} from "../api.js";
import * as strings from "../strings.js";
import {Icon} from "./parts.js";
import {Popover} from "./overlay.js";

export function ProjectSwitcher({project}) {
  if (!project) return null;
  return html`<span class="crumb" aria-hidden="true">/</span>
    <${Popover} label=${strings.projects.switchTo} className="switcher" text=${html`<b>${project}</b><${Icon} name="chevron-down" size=${14}/>`}>
      ${(close) => html`<${ProjectList} close=${close} current=${project}/>`}</${Popover}>`;
}

function ProjectList({close, current}) {
  const [names, setNames] = useState(null);
  const [text, setText] = useState("");
  useEffect(() => { get("/projects").then(({projects}) => setNames(projects.map((project) => project.name)), () => setNames([])); }, []);
  const found = (names ?? []).filter((name) => name.toLowerCase().includes(text.toLowerCase()));
  const open = (name) => { close(); go(address(["p", name])); };
  return html`<input class="input" type="search" placeholder=${strings.projects.find} aria-label=${strings.projects.find} value=${text} onInput=${(event) => setText(event.target.value)}
      onKeyDown=${(event) => { if (event.key === "Enter" && found[0]) open(found[0]); }}/>
    <ul class="plain-list">${found.slice(0, 50).map((name) => html`<li key=${name}><a href=${address(["p", name])} aria-current=${name === current ? "page" : undefined} onClick=${close}>${name}</a></li>`)}</ul>
    ${names && found.length === 0 && html`<p class="muted small">${strings.projects.noneNamed({text})}</p>`}`;
}
