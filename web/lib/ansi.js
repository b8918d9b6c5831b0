/**
 * Terminal output as styled text: SGR colours and styles; carriage returns keep what a terminal would show last.
 * @module
 */

/** What a terminal shows of a line whose parts were overwritten from its beginning. */
export function collapseReturns(text) {
  if (!text.includes("\r")) return text;
  const parts = text.split("\r").filter((part) => part !== "");
  return parts.at(-1) ?? "";
}

/**
 * Cuts a line at its escape sequences. Sequences other than colours and styles are dropped.
 * @returns {{text: string, classes: string[]}[]} classes such as `ansi-bold`, `ansi-1`
 */
export function ansiParts(line) {
  const parts = [];
  let style = {color: null, bold: false, dim: false, italic: false, underline: false}, at = 0;
  // CSI sequences, OSC up to BEL or ST, other two-sign escapes.
  const pattern = /\x1b(?:\[([0-9;:?]*)([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])/g;
  const add = (text) => { if (text) parts.push({text, classes: classesOf(style)}); };
  for (const match of line.matchAll(pattern)) {
    add(line.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[2] === "m") style = applyCodes(style, match[1]);
  }
  add(line.slice(at));
  return parts;
}

/** The line without escape sequences. */
export const plainText = (line) => ansiParts(line).map((part) => part.text).join("");

function applyCodes(before, codes) {
  let style = {...before};
  const numbers = (codes || "0").split(/[;:]/).map(Number);
  for (let i = 0; i < numbers.length; i++) {
    const n = numbers[i];
    if (n === 0) style = {color: null, bold: false, dim: false, italic: false, underline: false};
    else if (n === 1) style.bold = true;
    else if (n === 2) style.dim = true;
    else if (n === 3) style.italic = true;
    else if (n === 4) style.underline = true;
    else if (n === 22) style.bold = style.dim = false;
    else if (n === 23) style.italic = false;
    else if (n === 24) style.underline = false;
    else if (n === 39) style.color = null;
    else if (n >= 30 && n <= 37) style.color = n - 30;
    else if (n >= 90 && n <= 97) style.color = n - 90;
    else if (n === 38 || n === 48) {
      const size = numbers[i + 1] === 5 ? 2 : numbers[i + 1] === 2 ? 4 : 0;
      if (n === 38 && size === 2 && numbers[i + 2] < 16) style.color = numbers[i + 2] % 8;
      i += size;
    }
  }
  return style;
}

function classesOf(style) {
  const names = ["bold", "dim", "italic", "underline"].filter((name) => style[name]).map((name) => `ansi-${name}`);
  return style.color === null ? names : [...names, `ansi-${style.color}`];
}
