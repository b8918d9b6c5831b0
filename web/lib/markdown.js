/**
 * Markdown as a tree of plain data, which a page draws as elements: nothing of a text ever becomes markup by itself.
 * The common part: headings, paragraphs, lists (nested, tasks), quotes, code, tables, rules; emphasis, strong, struck, code, links.
 * @module
 * @typedef {{tag: string, children?: (Node|string)[], href?: string, checked?: boolean|null, number?: number}} Node
 */

const FENCE = /^(```|~~~)\s*(\S*)/, HEADING = /^(#{1,6})\s+(.*?)\s*#*$/, RULE = /^ {0,3}([-*_])(\s*\1){2,}\s*$/, QUOTE = /^>\s?/, ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
/** Addresses of other kinds, such as `javascript:`, stay text. */
const SAFE = /^(https?:\/\/|mailto:|\/|#|\.\.?\/)/i;

/** @param {string} text @returns {Node[]} */
export function parseMarkdown(text) { return blocks(text.replaceAll("\r\n", "\n").split("\n")); }

/** @param {string[]} lines @returns {Node[]} */
function blocks(lines) {
  const made = [];
  for (let i = 0; i < lines.length;) {
    const line = lines[i];
    if (!line.trim()) { i += 1; continue; }
    const [node, next] = fence(lines, i) ?? heading(line, i) ?? (RULE.test(line) ? [{tag: "hr"}, i + 1] : null) ?? quote(lines, i) ?? list(lines, i) ?? table(lines, i) ?? paragraph(lines, i);
    made.push(node);
    i = next;
  }
  return made;
}

function fence(lines, i) {
  const open = FENCE.exec(lines[i]);
  if (!open) return null;
  let end = i + 1;
  while (end < lines.length && !lines[end].startsWith(open[1])) end++;
  return [{tag: "pre", children: [{tag: "code", children: [lines.slice(i + 1, end).join("\n")]}]}, end + 1];
}

function heading(line, i) {
  const found = HEADING.exec(line);
  // The page has its own first headings: those of a note begin below them.
  return found && [{tag: `h${Math.min(6, found[1].length + 2)}`, children: inline(found[2])}, i + 1];
}

function quote(lines, i) {
  if (!QUOTE.test(lines[i])) return null;
  let end = i;
  while (end < lines.length && QUOTE.test(lines[end])) end++;
  return [{tag: "blockquote", children: blocks(lines.slice(i, end).map((line) => line.replace(QUOTE, "")))}, end];
}

function list(lines, i) {
  const first = ITEM.exec(lines[i]);
  if (!first) return null;
  const indent = first[1].length, isNumbered = /\d/.test(first[2]), items = [];
  let at = i;
  for (let found; at < lines.length && (found = ITEM.exec(lines[at])) && found[1].length === indent && /\d/.test(found[2]) === isNumbered;) {
    const inside = [];
    for (at += 1; at < lines.length && (/^\s{2,}\S/.test(lines[at]) && lines[at].search(/\S/) > indent); at++) inside.push(lines[at].slice(Math.min(lines[at].search(/\S/), indent + 2)));
    const task = /^\[([ xX])\]\s+(.*)$/.exec(found[3]);
    items.push({tag: "li", checked: task ? task[1] !== " " : null, children: [...inline(task ? task[2] : found[3]), ...blocks(inside)]});
  }
  return [{tag: isNumbered ? "ol" : "ul", ...(isNumbered ? {number: parseInt(first[2], 10)} : {}), children: items}, at];
}

function table(lines, i) {
  if (!lines[i].includes("|") || !TABLE_RULE.test(lines[i + 1] ?? "") || !lines[i + 1].includes("-")) return null;
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
  const row = (line, tag) => ({tag: "tr", children: cells(line).map((cell) => ({tag, children: inline(cell)}))});
  let end = i + 2;
  while (end < lines.length && lines[end].includes("|")) end++;
  return [{tag: "table", children: [{tag: "thead", children: [row(lines[i], "th")]}, {tag: "tbody", children: lines.slice(i + 2, end).map((line) => row(line, "td"))}]}, end];
}

function paragraph(lines, i) {
  let end = i + 1;
  while (end < lines.length && lines[end].trim() && !FENCE.test(lines[end]) && !HEADING.test(lines[end]) && !QUOTE.test(lines[end]) && !ITEM.test(lines[end]) && !RULE.test(lines[end])) end++;
  return [{tag: "p", children: inline(lines.slice(i, end).join("\n"))}, end];
}

const INLINE = /\\([\\`*_{}[\]()#+\-.!~>|])|(`+)(.+?)\2|\[([^\]]*)\]\(([^\s)]+)\)|\*\*(?=\S)(.+?)\*\*(?!\*)|__(?=\S)(.+?)__|~~(?=\S)(.+?)~~|\*(?=\S)([^*]+?)\*|(?<!\w)_(?=\S)([^_]+?)_(?!\w)|(https?:\/\/[^\s<>()]*[^\s<>().,;:!?])/gs;

/** @param {string} text @returns {(Node|string)[]} */
function inline(text) {
  const made = [];
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    if (found.index > at) made.push(text.slice(at, found.index));
    made.push(inlineNode(found));
    at = found.index + found[0].length;
  }
  return at < text.length ? [...made, text.slice(at)] : made;
}

/** @param {string[]} found the groups of `INLINE` */
function inlineNode([whole, escaped, , code, label, href, strong, strong2, struck, emphasis, emphasis2, address]) {
  if (escaped !== undefined) return escaped;
  if (code !== undefined) return {tag: "code", children: [code]};
  if (href !== undefined) return SAFE.test(href) ? {tag: "a", href, children: inline(label)} : whole;
  if (address !== undefined) return {tag: "a", href: address, children: [address]};
  if (strong ?? strong2) return {tag: "strong", children: inline(strong ?? strong2)};
  if (struck !== undefined) return {tag: "s", children: inline(struck)};
  return {tag: "em", children: inline(emphasis ?? emphasis2)};
}
