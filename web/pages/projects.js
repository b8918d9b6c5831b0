/** All projects, the busiest news first. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {address} from "../router.js";
import {get} from "../api.js";
import {ready} from "../idle.js";
import {Empty, ErrorCard, Icon, Moment} from "../ui/parts.js";
import {Dialog} from "../ui/overlay.js";
import {Snippets} from "../ui/snippets.js";
import {DemoButton} from "../ui/demo.js";
import {formatStep} from "../charts/format.js";
import * as strings from "../strings.js";

const REFRESH_MS = 10_000;

export default function Projects() {
  const [projects, setProjects] = useState(null);
  const [error, setError] = useState(null);
  const [creating, setCreating] = useState(false);
  const load = () => get("/projects").then(({projects: list}) => { setProjects(list); setError(null); }, setError).finally(ready);
  useEffect(() => {
    document.title = strings.projects.pageTitle;
    load();
    const timer = setInterval(() => { if (!document.hidden) get("/projects", {quiet: true}).then((answer) => setProjects(answer.projects), () => {}); }, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return html`<main id="main" class="page">
    <div class="page-head"><h1>${strings.projects.title}</h1><span class="spring"></span>
      <button type="button" class="button primary" onClick=${() => setCreating(true)}><${Icon} name="plus"/>${strings.projects.create}</button></div>
    ${error && !projects && html`<${ErrorCard} error=${error} retry=${load}/>`}
    ${projects && (projects.length ? html`<${ProjectTable} projects=${projects}/>` : html`<div class="card"><${Empty} icon="box" title=${strings.projects.none}><p class="muted">${strings.projects.firstRunHint}</p></${Empty}><${Snippets} project=${strings.projects.example}/><${DemoButton}/></div>`)}
    ${!projects && !error && html`<div class="skeleton-table" aria-label=${strings.common.loading}></div>`}
    ${creating && html`<${NewProject} onClose=${() => setCreating(false)}/>`}
  </main>`;
}

function ProjectTable({projects}) {
  return html`<div class="table-box" tabindex="0" role="region" aria-label=${strings.projects.title}><table class="table">
    <thead><tr><th scope="col">${strings.common.project}</th><th scope="col" class="number">${strings.common.runs}</th><th scope="col">${strings.projects.running}</th><th scope="col">${strings.projects.lastActivity}</th><th scope="col">${strings.projects.runsInMonth}</th></tr></thead>
    <tbody>${projects.map((project) => html`<tr key=${project.name}>
      <th scope="row"><a class="strong-link" href=${address(["p", project.name])}>${project.name}</a></th>
      <td class="number">${formatStep(project.runs)}</td>
      <td>${project.running ? html`<span class="state state-running"><${Icon} name="circle-play" size=${14}/>${strings.projects.runningCount({count: project.running})}</span>` : html`<span class="muted">${strings.projects.noneRunning}</span>`}</td>
      <td><${Moment} ms=${project.lastActivityAt}/></td>
      <td><${Activity} days=${project.activity ?? []}/></td></tr>`)}</tbody></table></div>`;
}

/** Runs started on each of the last days, as small bars. */
function Activity({days}) {
  const most = Math.max(1, ...days), total = days.reduce((sum, n) => sum + n, 0);
  return html`<svg class="activity" width=${days.length * 5} height="22" role="img" aria-label=${strings.projects.activity({total, days: days.length, most: Math.max(0, ...days)})}>
    ${days.map((n, i) => html`<rect key=${i} x=${i * 5} y=${n ? 20 - 18 * n / most : 20} width="3.5" height=${n ? 2 + 18 * n / most : 1.5} rx="1" class=${n ? "bar" : "bar none"}/>`)}</svg>`;
}

function NewProject({onClose}) {
  const [name, setName] = useState("my-project");
  return html`<${Dialog} title=${strings.projects.create} onClose=${onClose}>
    <p class="muted">${strings.projects.createHint}</p>
    <label class="field"><span>${strings.common.name}</span><input class="input" value=${name} onInput=${(event) => setName(event.target.value)} autofocus/></label>
    <${Snippets} project=${name || strings.projects.example}/>
    <p><a class="button" href=${address(["p", name || strings.projects.example])} onClick=${onClose}>${strings.projects.openAndWait}</a></p>
  </${Dialog}>`;
}
