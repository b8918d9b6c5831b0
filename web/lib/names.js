/** Names that fit: the ends that differ stay, the middle gives way. @module */

/** Of a name that may not fit, so many signs stay at its end. */
const END = 8, SHORT = 11;
/** A name in two: the front, which may be cut off at its end, and the end, which stays. */
export const frontAndEnd = (name) => (name.length <= SHORT ? [name, ""] : [name.slice(0, -END), name.slice(-END)]);

/** A file name: `project_metric_date`, without signs that file systems refuse. */
export const fileName = (parts, date = new Date()) =>
  `${[...parts, date.toISOString().slice(0, 10)].map((part) => part.replace(/[^\w.-]+/g, "-")).join("_")}`;
