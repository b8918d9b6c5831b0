import assert from "node:assert/strict";
import {test} from "node:test";
import {parseMarkdown} from "../lib/markdown.js";

/** The tree as short text: `p(a em(b))`. */
const short = (node) => (typeof node === "string" ? node : `${node.tag}${node.href ? `<${node.href}>` : ""}${node.checked === true ? "✓" : node.checked === false ? "☐" : ""}(${(node.children ?? []).map(short).join("|")})`);
const read = (text) => parseMarkdown(text).map(short);

for (const [name, text, tree] of [
  ["headings begin below the page's own", "# One\n### Three", ["h3(One)", "h5(Three)"]],
  ["paragraphs keep their lines together", "a\nb\n\nc", ["p(a\nb)", "p(c)"]],
  ["emphasis nests and snake_case stays", "**bold *both*** and _em_ of snake_case_name ~~no~~", ["p(strong(bold |em(both))| and |em(em)| of snake_case_name |s(no))"]],
  ["code is not read further", "`**a**` \\*b\\*", ["p(code(**a**)| |*|b|*)"]],
  ["fences keep everything", "```js\n# <b>\n```\nafter", ["pre(code(# <b>))", "p(after)"]],
  ["lists nest and hold tasks", "- [x] a\n- [ ] b\n  - c\n\n1. d\n2. e", ["ul(li✓(a)|li☐(b|ul(li(c))))", "ol(li(d)|li(e))"]],
  ["quotes hold blocks", "> a\n> - b", ["blockquote(p(a)|ul(li(b)))"]],
  ["tables have a head", "| a | b |\n|---|:-:|\n| 1 | `2` |", ["table(thead(tr(th(a)|th(b)))|tbody(tr(td(1)|td(code(2)))))"]],
  ["links of the web are links", "[x](https://a.b/c) and https://d.e/f.", ["p(a<https://a.b/c>(x)| and |a<https://d.e/f>(https://d.e/f)|.)"]],
  ["other addresses stay text", "[x](javascript:alert)", ["p([x](javascript:alert))"]],
  ["markup stays text", "<img src=x onerror=alert>", ["p(<img src=x onerror=alert>)"]],
  ["a rule", "a\n\n---\nb", ["p(a)", "hr()", "p(b)"]],
]) {
  test(`Markdown: ${name}`, () => { assert.deepEqual(read(text), tree); });
}

test("a long text without structure is read in a moment", () => {
  const before = process.cpuUsage();                            // what it computes, not how busy the machine is
  parseMarkdown("*a ".repeat(20_000) + "[".repeat(20_000));
  assert.ok(process.cpuUsage(before).user < 20_000_000);
});
