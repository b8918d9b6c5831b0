/** The dashboard: starts the router, asks who we are, and shows the page of the address. @module */
performance.mark("app:html");
import {h, html, render, useEffect, useLayoutEffect, useState, useErrorBoundary} from "./vendor/preact.js";
import {isLetIn} from "./early.js";
import {address, onNavigate, pathParts, startRouter} from "./router.js";
import {onSignedOut, session} from "./api.js";
import {apply, onPreference} from "./preferences.js";
import {notReady, ready} from "./idle.js";
import {Shell} from "./ui/shell.js";
import {Toasts} from "./ui/overlay.js";
import {Icon} from "./ui/parts.js";
import {loadUntil} from "./ui/lazy.js";
import * as strings from "./strings.js";

const PAGES = {
  projects: () => import("./pages/projects.js"),
  project: () => import("./pages/project.js"),
  settings: () => import("./pages/settings.js"),
  signIn: () => import("./pages/sign-in.js"),
  notFound: () => import("./pages/not-found.js"),
};

/** Which page an address means, and what stays mounted while only its inside changes. */
function routeOf(parts) {
  if (parts.length === 0) return {page: "projects", key: "projects"};
  if (parts[0] === "p" && parts[1]) return {page: "project", key: `project:${parts[1]}`, project: parts[1], rest: parts.slice(2)};
  if (parts[0] === "settings" && (parts.length === 1 || ["keys", "appearance"].includes(parts[1]))) return {page: "settings", key: "settings", tab: parts[1] ?? "appearance"};
  return {page: "notFound", key: "notFound", what: strings.common.pageWord, name: `/${parts.join("/")}`};
}

function App() {
  const [route, setRoute] = useState(() => routeOf(pathParts()));
  const [who, setWho] = useState(() => (isLetIn ? {authRequired: false, signedIn: true} : null));       // need not wait for the answer before it asks for data
  const [loaded, setLoaded] = useState(null);
  const [, redraw] = useState(0);
  const needsKey = who?.authRequired && !who.signedIn;
  const page = needsKey ? "signIn" : route.page;
  useEffect(() => onNavigate(() => setRoute(routeOf(pathParts()))), []);
  useEffect(() => onPreference((name) => { if (["theme", "utc", "halfDays", "density"].includes(name)) redraw((n) => n + 1); }), []);
  useEffect(() => onSignedOut(() => setWho((before) => ({...before, authRequired: true, signedIn: false}))), []);
  const identify = () => session().then(setWho, (error) => setWho({error, authRequired: error.status === 401, signedIn: false}));
  useEffect(() => { identify(); }, []);
  // Before the empty frame is painted: on the way to the first chart a painted frame is time lost.
  useLayoutEffect(() => {
    if (!who) return undefined;
    const abort = new AbortController();
    notReady();
    loadUntil(PAGES[page], abort.signal).then((module) => { if (!abort.signal.aborted) setLoaded({page, View: module.default}); });
    return () => abort.abort();
  }, [page, Boolean(who)]);
  const View = loaded?.page === page ? loaded.View : null;
  const inside = !who || !View ? null : html`<${Guard} key=${needsKey ? "sign-in" : route.key}><${View} ...${route} who=${who} onSignedIn=${identify}/></${Guard}>`;
  return html`<${Shell} route=${route} who=${who} onIdentity=${identify} bare=${needsKey}>${inside}</${Shell}><${Toasts}/>`;
}

/** One failing page never takes down the frame around it. */
function Guard({children}) {
  const [error, reset] = useErrorBoundary((failure) => { console.error(failure); ready(); });
  if (!error) return children;
  return html`<main id="main" class="page narrow"><h1>${strings.app.failed}</h1><p>${String(error.message ?? error)}</p>
    <button type="button" class="button" onClick=${reset}><${Icon} name="rotate-ccw"/>${strings.common.tryAgain}</button> <a class="button" href=${address([])}>${strings.projects.all}</a></main>`;
}

apply();
startRouter();
// The project's page loads, and asks for its data, while the session is asked for.
if (pathParts()[0] === "p") PAGES.project().then(({begin}) => { if (isLetIn && pathParts()[1]) begin(pathParts()[1]); }, () => {});
render(h(App), document.getElementById("app"));
performance.mark("app:shell");
