/** Natural order: `layer2` before `layer10`, capitals beside small letters. @module */
const collator = new Intl.Collator("en", {numeric: true, sensitivity: "base"});

/** Compares two names. @returns {number} */
export const compareNatural = (a, b) => collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
