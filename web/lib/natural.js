/** Natural order: `layer2` before `layer10`, capitals beside small letters, letters with accents beside those without. @module */

const isDigit = (code) => code >= 48 && code <= 57;
/** Accents and capitals do not count. */
const plain = (name) => (/[^\x00-\x7f]/.test(name) ? name.normalize("NFD").replace(/[\u0300-\u036f]/g, "") : name).toLowerCase();

function digitsEnd(text, at) {
  while (isDigit(text.charCodeAt(at))) at += 1;
  return at;
}

/** Compares two names. The browser's own collator does the same, but takes 30 ms to be made, a tenth of a page's time to its first chart. @returns {number} */
export function compareNatural(a, b) {
  const x = plain(a), y = plain(b);
  let i = 0, j = 0;
  while (i < x.length && j < y.length) {
    const m = digitsEnd(x, i), n = digitsEnd(y, j);
    const difference = m > i && n > j ? Number(x.slice(i, m)) - Number(y.slice(j, n)) : x.charCodeAt(i) - y.charCodeAt(j);
    if (difference) return difference;
    [i, j] = m > i && n > j ? [m, n] : [i + 1, j + 1];
  }
  return x.length - i - (y.length - j) || (a < b ? -1 : a > b ? 1 : 0);
}
