/** Names that fit: the ends that differ stay, the middle gives way. @module */

/** Shortens `name` to `length` signs with an ellipsis in the middle. */
export function middleEllipsis(name, length) {
  if (name.length <= length) return name;
  const end = Math.ceil((length - 1) * 0.55);
  return `${name.slice(0, length - 1 - end)}…${name.slice(name.length - end)}`;
}

/** A file name: `project_metric_date`, without signs that file systems refuse. */
export const fileName = (parts, date = new Date()) =>
  `${[...parts, date.toISOString().slice(0, 10)].map((part) => part.replace(/[^\w.-]+/g, "-")).join("_")}`;
