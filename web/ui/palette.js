/** Search and commands in one box: projects, runs, pages, actions. @module */
import {html, useEffect, useRef, useState} from "../vendor/preact.js";
import {address, go} from "../router.js";
import {get, query} from "../api.js";
import {currentStore} from "../store/current.js";
import * as strings from "../strings.js";
import {commandsNow} from "./commands.js";
import {Icon} from "./parts.js";
import {Dialog} from "./overlay.js";

export function Palette({project, onClose}) {
  const [text, setText] = useState("");
  const [place, setPlace] = useState(0);
  const [projects, setProjects] = useState([]);
  const [found, setFound] = useState([]);
  const list = useRef(null);
  useEffect(() => { get("/projects").then((answer) => setProjects(answer.projects), () => {}); }, []);
  useEffect(() => {
    const word = text.trim();
    if (!project || word.length < 2) { setFound([]); return undefined; }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      get(`/projects/${encodeURIComponent(project)}/runs${query({filter: `name like ${JSON.stringify(`%${word}%`)}`, limit: 20})}`, {signal: abort.signal, retry: false})
        .then((answer) => setFound(answer.runs), () => {});
    }, 150);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [text, project]);
  const entries = matching(text, [...commandsNow(), ...goals(project, projects), ...runEntries(project, found)]);
  const at = Math.min(place, entries.length - 1);
  useEffect(() => { list.current?.children[at]?.scrollIntoView({block: "nearest"}); }, [at]);
  const choose = (entry) => { onClose(); setTimeout(entry.run); };
  const keys = (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); setPlace((at + (event.key === "ArrowDown" ? 1 : -1) + entries.length) % Math.max(1, entries.length)); }
    if (event.key === "Enter" && entries[at]) { event.preventDefault(); choose(entries[at]); }
  };
  return html`<${Dialog} title=${strings.palette.title} onClose=${onClose} className="palette">
    <input class="input" type="text" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-label=${strings.palette.search} placeholder=${strings.palette.search}
      aria-activedescendant=${entries[at] ? `palette-${at}` : undefined} value=${text} onInput=${(event) => { setText(event.target.value); setPlace(0); }} onKeyDown=${keys} autofocus/>
    <ul id="palette-list" role="listbox" aria-label=${strings.palette.results} ref=${list}>${entries.map((entry, i) => html`<li key=${entry.key} id=${`palette-${i}`} role="option" aria-selected=${i === at ? "true" : "false"}
      onClick=${() => choose(entry)} onMouseMove=${() => setPlace(i)}><${Icon} name=${entry.icon}/><span>${entry.label}</span><span class="muted small">${entry.note ?? ""}</span></li>`)}</ul>
    ${entries.length === 0 && html`<p class="muted">${strings.common.nothingMatches({text})}</p>`}
  </${Dialog}>`;
}

function goals(project, projects) {
  const pages = project ? [[strings.common.workspace, []], [strings.palette.runsTable, ["table"]], [strings.palette.compareRuns, ["compare"]]].map(([label, rest]) =>
    ({key: `page:${label}`, label, icon: "layout-grid", note: strings.common.pageWord, run: () => go(address(["p", project, ...rest]))})) : [];
  return [...pages, {key: "home", label: strings.projects.all, icon: "house", note: strings.common.pageWord, run: () => go(address([]))},
    {key: "keys", label: strings.settings.keys, icon: "key", note: strings.palette.settings, run: () => go(address(["settings", "keys"]))},
    {key: "appearance", label: strings.settings.appearance, icon: "palette", note: strings.palette.settings, run: () => go(address(["settings", "appearance"]))},
    ...projects.map(({name}) => ({key: `project:${name}`, label: name, icon: "folder", note: strings.common.projectWord, run: () => go(address(["p", name]))}))];
}

function runEntries(project, found) {
  const known = project ? [...(currentStore()?.runs.values() ?? [])].slice(0, 2000) : [];
  const runs = new Map([...known, ...found].map((run) => [run.id, run]));
  return [...runs.values()].map((run) => ({key: `run:${run.id}`, label: run.name, icon: "chart-line", note: strings.palette.run({id: run.id}), run: () => go(address(["p", project, "r", run.id]))}));
}

function matching(text, entries) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries.filter((entry) => !entry.key.startsWith("run:")).slice(0, 14);
  return entries.filter((entry) => words.every((word) => `${entry.label} ${entry.note ?? ""}`.toLowerCase().includes(word))).slice(0, 14);
}
