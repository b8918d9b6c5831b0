/** Six lines to start logging, with this server's address filled in. @module */
import {html, useState} from "../vendor/preact.js";
import {PREFIX} from "../router.js";
import * as strings from "../strings.js";
import {CopyButton} from "./parts.js";

const server = () => location.origin + PREFIX.replace(/\/$/, "");

const CLIENTS = {
  Swift: (project) => `import Track

try await track.start(project: ${JSON.stringify(project)}, config: ["lr": 3e-4])
for step in 0..<100 {
    track.log(["loss/train": 1 / Double(step + 1)], step: step)
}
await track.finish()`,
  curl: (project) => `RUN=$(curl -s ${server()}/api/v1/runs \\
  -H 'Content-Type: application/json' \\
  -d '{"project":${JSON.stringify(project)},"config":{"lr":3e-4}}' | grep -o '"id":"[a-z0-9]*"' | head -1 | cut -d'"' -f4)
curl -s ${server()}/api/v1/runs/$RUN/batches -H 'Content-Type: application/json' \\
  -d '{"rows":[{"step":0,"values":{"loss":1.0}},{"step":1,"values":{"loss":0.5}}]}'`,
};

export function Snippets({project}) {
  const [client, setClient] = useState("Swift");
  const code = CLIENTS[client](project);
  return html`<div class="snippets"><div class="tabs small-tabs" role="group" aria-label=${strings.snippets.client}>
      ${Object.keys(CLIENTS).map((name) => html`<button type="button" key=${name} class="tab" aria-pressed=${name === client ? "true" : "false"} onClick=${() => setClient(name)}>${name}</button>`)}</div>
    <div class="code-box"><pre tabindex="0" aria-label=${strings.snippets.example({client})}><code>${code}</code></pre><${CopyButton} text=${code} iconOnly label=${strings.snippets.copyExample}/></div>
    <p class="muted small">${strings.snippets.set} <code>TRACK_URL=${server()}</code>${" "}${strings.snippets.forOthers} <code>TRACK_API_KEY</code>.</p></div>`;
}
