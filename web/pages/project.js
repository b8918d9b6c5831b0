/** A project: its tabs, and the store and view that they share. @module */
import {html, useEffect, useLayoutEffect, useMemo, useRef, useState} from "../vendor/preact.js";
import {address, go, onNavigate} from "../router.js";
import {busy, notReady, ready} from "../idle.js";
import {ProjectStore} from "../store/project.js";
import {ViewStore} from "../store/view.js";
import {setCurrentStore} from "../store/current.js";
import {useChanges} from "../store/signal.js";
import {lazy, loadUntil} from "../ui/lazy.js";
import {onShortcut} from "../ui/shortcuts.js";
import {copyText, ErrorCard} from "../ui/parts.js";
import {toast, undoLatest} from "../ui/overlay.js";
import {formatView} from "../lib/url-state.js";
import * as strings from "../strings.js";
import Workspace from "./workspace.js";

const NotFound = lazy(() => import("./not-found.js"), "default");
const OTHER = {table: () => import("./table.js"), compare: () => import("./compare.js"), r: () => import("./run.js")};
const TABS = [[strings.common.workspace, ""], [strings.common.runs, "table"], [strings.common.compare, "compare"]];

export default function Project({project, rest}) {
  const {view, store, opening} = useMemo(() => taken(project), [project]);
  const [loaded, setLoaded] = useState(null);
  const begun = useDefaultView(store, view, rest.length === 0, opening);
  const last = useRef("");
  const kind = rest[0] ?? "";
  useEffect(() => {
    setCurrentStore(store);
    return () => { setCurrentStore(null); store.close(); };
  }, [store]);
  useEffect(() => onNavigate(() => view.read()), [view]);
  useEffect(() => {
    const listen = () => store.setQuery(view.now);
    view.addEventListener("change", listen);
    return () => view.removeEventListener("change", listen);
  }, [store, view]);
  useEffect(() => onShortcut({
    "mod+z": () => { if (!undoLatest(view.changedAt)) view.undo(); }, "mod+shift+z": () => view.redo(),
    p: () => { store.stream.paused = !store.stream.paused; },
    y: async () => { await copyText(location.href); toast(strings.common.viewLinkCopied); },
    ...(kind === "r" ? {} : Object.fromEntries(TABS.map(([, tab], i) => [String(i + 1), () => go(tabAddress(project, tab, shared(view)))]))),
  }), [store, view, kind]);
  useEffect(() => {
    notReady();
    const abort = new AbortController();
    if (OTHER[kind]) loadUntil(OTHER[kind], abort.signal).then((module) => { if (!abort.signal.aborted) setLoaded({kind, View: module.default}); });
    return () => abort.abort();
  }, [kind]);
  useChanges(store, "status");
  const unknown = store.error?.code === "unknown_project" || (kind && !OTHER[kind]);
  if (store.error?.code === "unknown_project") return html`<${NotFound} what=${strings.common.projectWord} name=${project}/>`;
  if (unknown) return html`<${NotFound} what=${strings.common.pageWord} name=${rest.join("/")} project=${project}/>`;
  if (store.status === "error") { ready(); return html`<main id="main" class="page narrow"><h1>${project}</h1><${ErrorCard} error=${store.error} retry=${() => store.resync()}/></main>`; }
  const Page = loaded?.kind === kind ? loaded.View : null;      // never the page before with the address of this one
  const inside = kind === "" ? html`<${Workspace} store=${store} view=${view} project=${project} begun=${begun}/>`
    : Page && html`<${Page} key=${rest[1] ?? kind} store=${store} view=${view} project=${project} rest=${rest}/>`;
  return html`<${Tabs} project=${project} kind=${kind} view=${view} last=${last}/>${inside}`;
}

/** A workspace whose address says nothing opens with the project's default view. @returns {boolean} whether it is known by now which one that is */
function useDefaultView(store, view, isWorkspace, opening) {
  const [begun, setBegun] = useState(null), isAsked = isWorkspace && location.search === "";
  useLayoutEffect(() => {
    if (!isAsked || begun === store) return;
    const done = busy();
    // Without an answer the page opens as any project does.
    (opening ?? store.defaultView()).then((stored) => { if (stored && location.search === "") view.begin(stored); }, () => {}).finally(() => { setBegun(store); done(); });
  }, [store, isAsked]);
  return !isAsked || begun === store;
}

/** What was begun before there was a page. @type {ReturnType<typeof started>|null} */
let early = null, isTaken = false;

/** Asks for a project's data while its page is still being built. */
export function begin(project) { if (!isTaken) early = started(project); }

function started(project) {
  const view = new ViewStore(), store = new ProjectStore(project);
  store.setQuery(view.now);
  store.loadMetrics();
  const opening = location.search === "" ? store.defaultView() : null;
  opening?.catch(() => {});                                      // who waits for it hears of it
  return {project, view, store, opening};
}

/** What was begun for this project; what failed meanwhile is begun again. */
function taken(project) {
  const begun = early;
  early = null;
  isTaken = true;
  if (begun?.project === project && begun.store.status !== "error") return begun;
  begun?.store.close();
  return started(project);
}

/** The tabs share filter, selection and sorting: they travel with the address. */
const shared = (view) => formatView({...view.now, full: "", search: "", part: ""});
const tabAddress = (project, tab, search) => address(tab ? ["p", project, tab] : ["p", project], search);

function Tabs({project, kind, view, last}) {
  useChanges(view);
  // A run's page has a view of its own; the way back leads to the project's as it was.
  if (kind !== "r") last.current = shared(view);
  return html`<nav class="tabs-bar" aria-label=${strings.common.project}><div class="tabs">${TABS.map(([label, tab]) =>
    html`<a key=${tab} class="tab" href=${tabAddress(project, tab, last.current)} aria-current=${kind === tab ? "page" : undefined}>${label}</a>`)}</div></nav>`;
}
