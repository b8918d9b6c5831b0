/** What is not there, by name, with the way on. @module */
import {html, useEffect} from "../vendor/preact.js";
import {address} from "../router.js";
import {ready} from "../idle.js";
import {Icon} from "../ui/parts.js";

export default function NotFound({what = "page", name, project}) {
  useEffect(() => { document.title = `Not found · Track`; ready(); }, []);
  return html`<main id="main" class="page narrow"><div class="empty">
    <${Icon} name="search" size=${28}/>
    <h1>There is no ${what} <code>${name}</code></h1>
    <p class="muted">It may have been deleted, or the link was cut. Press <kbd>Ctrl K</kbd> to search.</p>
    <p>${project && html`<a class="button" href=${address(["p", project])}>Runs of ${project}</a> `}<a class="button" href=${address([])}>All projects</a></p>
  </div></main>`;
}
