/** What people read stands in strings.js alone: no module has words of its own, no text is missing there, none is left over. */
import assert from "node:assert/strict";
import {readdirSync, readFileSync} from "node:fs";
import {join, relative} from "node:path";
import {test} from "node:test";
import {fileURLToPath} from "node:url";
import * as strings from "../strings.js";
import {wordsIn} from "./words.js";

const WEB = fileURLToPath(new URL("..", import.meta.url));
const LEFT_OUT = new Set(["built", "vendor", "test", "strings.js"]);
const FILTER = "the language of filters, which the server reads";

/** Words that stay in their modules: where, how they begin, and why. */
const EXCEPTIONS = [
  ["charts/theme.js", "CanvasText", "a colour's name in CSS"],
  ["elements/chart-menu.js", "import json", "code to copy"],
  ["lib/put-away.js", "archived in", FILTER],
  ["pages/compare.js", "name like", FILTER],
  ["store/project.js", "id in", FILTER],
  ["ui/palette.js", "name like", FILTER],
  ["ui/snippets.js", "import Track", "code to copy"],
];
/** English has one word for two things here; other languages may have two. */
const HOMONYMS = ["Keys", "System", "none", "standard error"];

function modulesIn(folder) {
  const entries = readdirSync(folder, {withFileTypes: true}).filter(({name}) => !LEFT_OUT.has(name) && !name.startsWith("."));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? modulesIn(path) : path.endsWith(".js") ? [{name: relative(WEB, path), source: readFileSync(path, "utf8")}] : [];
  });
}
const modules = modulesIn(WEB);

test("words are found wherever a page shows or speaks them, and nowhere else", () => {
  const words = (source) => wordsIn(source).map(({line, text}) => `${line} ${text}`);

  assert.deepEqual(words('html`<b class="one two" title="A hint">${n}\n of ${all}</b><code>a b</code>`'), ["2 … of …", "1 A hint"]);
  assert.deepEqual(words('html`<p>${busy ? "Wait" : "Go"}</p><i aria-label=${x ?? "Name"} class=${on ? "on" : "off"}></i>`'), ["1 Wait", "1 Go", "1 Name"]);
  assert.deepEqual(words('toast(`Saved ${name}`); announce("Done");\nthrow new Error("No");'), ["1 Saved …", "1 Done", "2 No"]);
  assert.deepEqual(words('const a = [{label: "Reset", icon: "scan"}], b = /"not words/.test(c) ? "two words" : "one"; // "a comment"'), ["1 Reset", "1 two words"]);
  assert.deepEqual(words('e.setAttribute("aria-label", "Runs"); e.setAttribute("role", "grid"); e.className = "icon-button big"; e.title = `x ${y}`;'), ["1 Runs"]);
  assert.deepEqual(words('import {a} from "./a.js";\nconst nested = `${list.map((each) => html`<li>Item ${each}</li>`)}`;'), ["2 Item …"]);
});

test("every word that people read is in strings.js", () => {
  const isExcepted = (name, text) => EXCEPTIONS.some(([file, begin]) => file === name && text.startsWith(begin));
  const found = modules.flatMap(({name, source}) => wordsIn(source).map(({line, text}) => ({name, line, text})));

  assert.deepEqual(found.filter(({name, text}) => !isExcepted(name, text)).map(({name, line, text}) => `web/${name}:${line}: ${text}`), []);
  for (const [file, begin] of EXCEPTIONS) assert.ok(found.some(({name, text}) => name === file && text.startsWith(begin)), `${file} has no “${begin}” any more`);
});

test("modules name texts that exist, as strings.section.key, and every text is used", () => {
  const used = new Set(), wrong = [];
  for (const {name, source} of modules.filter(({source: text}) => /^import .*strings\.js";$/m.test(text))) {
    if (!/^import \* as strings from "(?:\.\/|(?:\.\.\/)+)strings\.js";$/m.test(source)) wrong.push(`web/${name}: import * as strings`);
    for (const [use, section, key] of source.matchAll(/\bstrings\b(?!\.js")(?:\.(\w+)\.(\w+))?/g)) {
      if (use !== "strings" && strings[section]?.[key] === undefined) wrong.push(`web/${name}: ${use}`);
      used.add(`${section}.${key}`);
    }
  }

  assert.deepEqual(wrong, []);
  const all = Object.entries(strings).flatMap(([section, texts]) => (typeof texts === "object" ? Object.keys(texts).map((key) => `${section}.${key}`) : []));
  assert.deepEqual(all.filter((key) => !used.has(key)), []);
});

test("a text stands once", () => {
  const keys = new Map();
  for (const [section, texts] of Object.entries(strings)) for (const [key, text] of Object.entries(texts)) keys.set(String(text), [...(keys.get(String(text)) ?? []), `${section}.${key}`]);

  assert.deepEqual([...keys].filter(([text, names]) => names.length > 1 && !HOMONYMS.includes(text)).map(([text, names]) => `${names.join(" = ")}: ${text}`), []);
});
