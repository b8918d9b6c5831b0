/**
 * The filter language as one types it: words with their places, what is surely wrong, and what could come next.
 *
 * The server parses filters; here only what helps while typing.
 * @module
 *
 * @typedef {{kind: "word"|"quoted"|"symbol", text: string, at: number, end: number}} Token
 * @typedef {{name: string, values?: {value: string, count: number}[], note?: string}} FilterKey
 */
import * as strings from "../strings.js";


const SYMBOLS = ["<=", ">=", "!=", "<>", "==", "&&", "||", "!~", "(", ")", ",", "=", "<", ">", "~", ":", "!", "[", "]"];
const COMPARISONS = new Set(["<", "<=", ">", ">=", "=", "==", "!=", "<>", "~", "!~", ":"]);
const WORDS = new Set(["and", "or", "not", "in", "is", "missing", "like", "has"]);

/** Cuts a filter into tokens. @returns {{tokens: Token[], error: {message: string, at: number, end: number}|null}} */
export function filterTokens(text) {
  const tokens = [];
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at])) { at++; continue; }
    if (`"'\``.includes(text[at])) {
      const end = closing(text, at);
      if (end < 0) return {tokens, error: {message: strings.filter.openQuote({quote: text[at]}), at, end: text.length}};
      tokens.push({kind: "quoted", text: text.slice(at + 1, end), at, end: end + 1});
      at = end + 1;
      continue;
    }
    const symbol = SYMBOLS.find((each) => text.startsWith(each, at));
    if (symbol) { tokens.push({kind: "symbol", text: symbol, at, end: at + symbol.length}); at += symbol.length; continue; }
    const word = /^[^\s"'`<>=!&|(),~:[\]]+/.exec(text.slice(at))?.[0] ?? text[at];
    tokens.push({kind: "word", text: word, at, end: at + word.length});
    at += word.length;
  }
  return {tokens, error: null};
}

function closing(text, at) {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === "\\" && text[at] !== "`") i++;
    else if (text[i] === text[at]) return i;
  }
  return -1;
}

/** What is surely wrong with a filter: open quotes and brackets, a comparison without a value. */
export function parseFilter(text) {
  const {tokens, error} = filterTokens(text);
  if (error) return {tokens, error};
  const open = [];
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== "symbol") continue;
    if (token.text === "(" || token.text === "[") open.push(token);
    if (token.text === ")" || token.text === "]") {
      const start = open.pop();
      if (!start) return {tokens, error: {message: strings.filter.noBracket({bracket: token.text}), at: token.at, end: token.end}};
    }
    if (!COMPARISONS.has(token.text)) continue;
    const next = tokens[i + 1];
    if (i === 0) return {tokens, error: {message: strings.filter.nameMissing, at: token.at, end: token.end}};
    if (!next || (next.kind === "symbol" && !(token.text === ":" && COMPARISONS.has(next.text)))) return {tokens, error: {message: strings.filter.valueMissing({sign: token.text}), at: token.at, end: token.end}};
  }
  if (open.length) return {tokens, error: {message: strings.filter.openBracket, at: open[0].at, end: open[0].end}};
  return {tokens, error: null};
}

/**
 * The conditions that all have to hold, as they are written; one alone where some may do without others (`or`).
 * @returns {string[]}
 */
export function clausesOf(text) {
  const {tokens, error} = filterTokens(text);
  if (error) return text.trim() ? [text.trim()] : [];
  const clauses = [];
  for (let i = 0; i < tokens.length;) {
    if (isWord(tokens[i], "and") || tokens[i].text === "&&") { i++; continue; }
    if (isWord(tokens[i], "or") || tokens[i].text === "||") return [text.trim()];
    const end = endOfClause(tokens, i);
    clauses.push(text.slice(tokens[i].at, tokens[end - 1].end));
    i = end;
  }
  return clauses;
}

const isWord = (token, ...words) => token?.kind === "word" && words.includes(token.text.toLowerCase());
const isSymbol = (token, ...symbols) => token?.kind === "symbol" && symbols.includes(token.text);

/** After the token that closes what opens at `i`. */
function closingToken(tokens, i) {
  for (let depth = 0; i < tokens.length; i++) {
    if (isSymbol(tokens[i], "(", "[")) depth++;
    if (isSymbol(tokens[i], ")", "]") && --depth === 0) return i + 1;
  }
  return tokens.length;
}

function endOfClause(tokens, i) {
  while (isWord(tokens[i], "not") || isSymbol(tokens[i], "!")) i++;
  if (isSymbol(tokens[i], "(")) return closingToken(tokens, i);
  i++;
  if (isSymbol(tokens[i], "(") && tokens[i].at === tokens[i - 1].end) i = closingToken(tokens, i);       // best(val/acc)
  if (isWord(tokens[i], "is")) { i++; if (isWord(tokens[i], "not")) i++; return Math.min(i + 1, tokens.length); }
  if (isWord(tokens[i], "not") && isWord(tokens[i + 1], "in", "like")) i++;
  const isComparison = tokens[i]?.kind === "symbol" && COMPARISONS.has(tokens[i].text);
  if (!isComparison && !isWord(tokens[i], "in", "like", "ilike", "has", "contains")) return i;
  i++;
  if (tokens[i]?.kind === "symbol" && COMPARISONS.has(tokens[i].text)) i++;                              // lr:>0.1
  return isSymbol(tokens[i], "(", "[") ? closingToken(tokens, i) : Math.min(i + 1, tokens.length);
}

/**
 * What could stand at the caret: values after a comparison, else keys.
 * @param {FilterKey[]} keys  @returns {{label: string, note: string, text: string, caret: number}[]} at most eight
 */
export function suggest(text, caret, keys) {
  const {tokens} = filterTokens(text);
  const at = tokens.findIndex((token) => token.end >= caret && token.at < caret);
  const current = at >= 0 && tokens[at].kind !== "symbol" ? tokens[at] : null;
  const before = tokens.filter((token) => token.end <= (current ? current.at : caret));
  const operator = before.at(-1), owner = before.at(-2);
  const typed = (current ? current.text.slice(0, caret - current.at) : "").toLowerCase();
  const replace = (word) => {
    const [from, to] = current ? [current.at, current.end] : [caret, caret];
    return {text: text.slice(0, from) + word + text.slice(to), caret: from + word.length};
  };
  if (operator?.kind === "symbol" && COMPARISONS.has(operator.text) && owner) {
    const key = keys.find((each) => each.name === owner.text);
    return (key?.values ?? []).filter(({value}) => value.toLowerCase().includes(typed)).slice(0, 8)
      .map(({value, count}) => ({label: value, note: `${count}`, ...replace(`${quoteIfNeeded(value)} `)}));
  }
  if (current === null && tokens.length && !/\s$/.test(text.slice(0, caret))) return [];
  if (typed === "" && tokens.length && !endsClause(before)) return [];
  return keys.filter((key) => key.name.toLowerCase().includes(typed) && key.name.toLowerCase() !== typed)
    .sort((a, b) => Number(!a.name.toLowerCase().startsWith(typed)) - Number(!b.name.toLowerCase().startsWith(typed))).slice(0, 8)
    .map((key) => ({label: key.name, note: key.note ?? "", ...replace(nameForm(key))}));
}

/** Whether the text ends in a bare word that could become a key. @param {FilterKey[]} keys */
export function isBeginningOfKey(text, keys) {
  const {tokens} = filterTokens(text);
  const last = tokens.at(-1), before = tokens.at(-2);
  if (last?.kind !== "word" || (before?.kind === "symbol" && COMPARISONS.has(before.text))) return false;
  return keys.some((key) => key.name.toLowerCase().includes(last.text.toLowerCase()));
}

const endsClause = (tokens) => tokens.length === 0 || tokens.at(-1).kind !== "symbol" || tokens.at(-1).text === ")" || tokens.at(-1).text === "(";
const nameForm = (key) => (/^[\w./-]+$/.test(key.name) || /^\w+\(.+\)$/.test(key.name) ? key.name : `\`${key.name}\``) + (key.values ? ":" : "");

/** Quotes a value that is more than one plain word. */
export const quoteIfNeeded = (value) => (/^[\w./+-]+$/.test(value) && !WORDS.has(value.toLowerCase()) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`);

/** Adds a clause to a filter, or takes it away when it is there already. */
export function toggleClause(filter, clause) {
  const parts = filter.split(clause);
  if (parts.length > 1) return parts.join(" ").replace(/\s+/g, " ").trim();
  return filter.trim() ? `${filter.trim()} ${clause}` : clause;
}
