/** What the line of a group is called. @module */
import * as strings from "../strings.js";


/** A group's values as a name. */
export function groupName(group) {
  if (group === null || typeof group !== "object") return String(group ?? strings.groups.allRuns);
  const keys = group.keys ?? group;
  return Object.entries(keys).map(([key, value]) => `${key.replace(/^config\./, "")}: ${value ?? "—"}`).join(", ") || strings.groups.allRuns;
}
