/** index.html names every module that the first chart needs, so that none is found out about late. */
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {dirname, join, normalize} from "node:path";
import {test} from "node:test";
import {fileURLToPath} from "node:url";

const WEB = fileURLToPath(new URL("..", import.meta.url));
const ENTRIES = ["app.js", "pages/project.js"];

/** The modules that `entry` imports statically, itself included. */
function closure(entries) {
  const found = new Set();
  const visit = (path) => {
    if (found.has(path)) return;
    found.add(path);
    if (path.startsWith("vendor/")) return;
    for (const [, name] of readFileSync(join(WEB, path), "utf8").matchAll(/^\s*(?:import|export)[^;"'`]*?["'](\.[^"']+)["']/gm)) visit(normalize(join(dirname(path), name)));
  };
  entries.forEach(visit);
  return found;
}

test("index.html preloads exactly the modules of the first chart", () => {
  const page = readFileSync(join(WEB, "index.html"), "utf8");
  const named = [...page.matchAll(/rel="modulepreload" href="\/([^"]+)"/g)].map(([, path]) => path).sort();
  const needed = [...closure(ENTRIES)].filter((path) => path !== "app.js").sort();

  assert.deepEqual(named, [...new Set(needed)], `index.html should have:\n${needed.map((path) => `  <link rel="modulepreload" href="/${path}">`).join("\n")}`);
});
