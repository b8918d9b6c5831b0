/** Finds the words in a module's source that people would read. @module */

/** @typedef {{tag: string, before: string, text: string, line: number}} Literal `text` has U+0001 for each value, `before` is the code before it */

const HOLE = "\u0001";

/** Where in markup a value stands, as the name of its attribute; `text` between tags. */
function placeAfter(markup) {
  const attribute = /([\w-]+)=$/.exec(markup)?.[1];
  return `${HOLE}${attribute ?? (markup.lastIndexOf("<") > markup.lastIndexOf(">") ? "tag" : "text")}`;
}

/** Reads a module as far as its literals need it: comments, strings, templates within templates, regular expressions, brackets. */
class Reader {
  /** @type {Literal[]} */
  literals = [];
  #source; #at = 0; #code = "";      // the code before, without what literals and comments hold
  constructor(source) { this.#source = source; }

  /** Reads up to a bracket that closes what was open before, or to the end. */
  until(close) {
    for (let depth = 0; this.#at < this.#source.length;) {
      const sign = this.#source[this.#at], two = this.#source.slice(this.#at, this.#at + 2);
      if (depth === 0 && sign === close) return;
      if (two === "//") this.#skip(/\/\/[^\n]*/y);
      else if (two === "/*") this.#skip(/\/\*[^]*?\*\//y);
      else if (sign === '"' || sign === "'") this.#string(sign);
      else if (sign === "`") this.#template();
      else if (sign === "/" && /(?:^|[(,=:[!&|?{};+>]|\breturn)\s*$/.test(this.#code)) this.#code += this.#skip(/\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])+\/\w*/y) && "//";
      else {
        depth += Number(sign === "{") - Number(sign === "}");
        this.#code += sign;
        this.#at += 1;
      }
    }
  }

  #skip(pattern) {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#source);
    this.#at += found.length;
    return found;
  }

  #keep(begin, tag, before, text) { this.literals.push({tag, before, text, line: this.#source.slice(0, begin).split("\n").length}); }

  #string(quote) {
    const begin = this.#at, text = this.#skip(quote === '"' ? /"(?:\\.|[^"\\])*"/y : /'(?:\\.|[^'\\])*'/y).slice(1, -1);
    this.#keep(begin, "", this.#code, text);
    this.#code += /^[\w-]{1,20}$/.test(text) ? `"${text}"` : '""';
  }

  #template() {
    const begin = this.#at, before = this.#code, tag = /(\w+)$/.exec(before)?.[1] ?? "";
    let text = "";
    for (this.#at += 1; this.#source[this.#at] !== "`";) {
      if (!this.#source.startsWith("${", this.#at)) { text += this.#skip(/\\[^]|[^]/y); continue; }
      this.#at += 2;
      this.#code += `${tag === "html" ? placeAfter(text) : ""}(`;
      this.until("}");
      this.#at += 1;
      text += HOLE;
    }
    this.#at += 1;
    this.#code = `${before}\`\``;
    this.#keep(begin, tag, before, text);
  }
}

/** The literals of a module, those within the values of others too. @param {string} source @returns {Literal[]} */
function literalsOf(source) {
  const reader = new Reader(source);
  reader.until("");
  return reader.literals;
}

const WORD = /\p{L}{2}/u;
/** Attributes and properties whose text is read or spoken. */
const READ = "aria-label|aria-valuetext|ariaLabel|title|placeholder|label|text|textContent|heading|hint|note|message|action|alt|what";
const ATTRIBUTE = new RegExp(`\\s(?:${READ})=(?:"([^"]*)"|([^\\s>"${HOLE}]+))`, "g");
/** Code before a literal that is read: a property, an attribute, text between tags, an argument; also as one arm of a choice. */
const SAID = new RegExp(`(?:\\b(?:${READ}):|\\.(?:textContent|title|ariaLabel) =|\\b(?:announce|toast|Error)\\(|setAttribute\\("(?:${READ})",|${HOLE}(?:${READ})\\()(?:[^;,{}()]*(?:\\?|:|&&|\\|\\|))?\\s*$`);
/** Code before styles, selectors, and names of classes and fonts. */
const STYLED = new RegExp(`(?:className\\b|classList\\.\\w+|\\bfont\\w*|\\bFONT\\w*|\\b(?:sheet|closest|matches|querySelector\\w*)(?:\\?\\.)?\\(|${HOLE}class)[^;,{}]*$|${HOLE}style\\([^;]*$|\\brel:\\s*$`);

/** @param {string} source of a module @returns {{line: number, text: string}[]} what a person would read */
export function wordsIn(source) {
  const found = [];
  for (const {tag, before, text, line} of literalsOf(source)) {
    const add = (words, at = 0) => {
      if (!WORD.test(words.replace(/NaN|#\w+/g, ""))) return;
      const begin = at + words.search(/\p{L}/u);
      found.push({line: line + text.slice(0, begin).split("\n").length - 1, text: words.replaceAll(HOLE, "…").replace(/\s+/g, " ").trim()});
    };
    if (tag === "html") {
      for (const part of text.matchAll(/(?<=^|(?<!<code)>)[^<>]+(?=<|$)/g)) add(part[0], part.index);
      for (const part of text.matchAll(ATTRIBUTE)) add(part[1] ?? part[2], part.index);
    } else if (/\b(?:import|from)\s*\(?$/.test(before) || /^\s*</.test(text) || STYLED.test(before)) continue;
    else if (/\p{L}{2,} \p{L}{2,}/u.test(text) || SAID.test(before)) add(text);
  }
  return found;
}
