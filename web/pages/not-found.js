/** What is not there, by name, with the way on. @module */
import {html, useEffect} from "../vendor/preact.js";
import {address} from "../router.js";
import {ready} from "../idle.js";
import {Icon} from "../ui/parts.js";
import * as strings from "../strings.js";

export default function NotFound({what = "page", name, project}) {
  useEffect(() => { document.title = strings.notFound.pageTitle; ready(); }, []);
  return html`<main id="main" class="page narrow"><div class="empty">
    <${Icon} name="search" size=${28}/>
    <h1>${strings.notFound.heading({what})} <code>${name}</code></h1>
    <p class="muted">${strings.notFound.reason} <kbd>${strings.keyboard.ctrlK}</kbd> ${strings.notFound.reasonEnd}</p>
    <p>${project && html`<a class="button" href=${address(["p", project])}>${strings.runs.of({project})}</a> `}<a class="button" href=${address([])}>${strings.projects.all}</a></p>
  </div></main>`;
}
