/** What is done to many runs at once: into the archive, the bin or another project, or back; for ever. @module */
import {patch, remove} from "../api.js";

/** Ids in one request: in a body, and in an address. */
const IDS = 10_000, IDS_IN_ADDRESS = 400;

/**
 * The same changes for many runs. The list follows.
 * @param {import("./project.js").ProjectStore} store  @param {string[]} ids  @param {{archived?: boolean, deleted?: boolean, project?: string}} fields
 * @returns {Promise<number>} how many there were
 */
export async function changeRuns(store, ids, fields) {
  let changed = 0;
  for (let at = 0; at < ids.length; at += IDS) changed += (await patch("/runs", {runs: ids.slice(at, at + IDS), changes: fields})).changed;
  const mark = (value, held) => (value === undefined ? held : value ? held ?? Date.now() : undefined);
  for (const id of ids) {
    const held = store.runs.get(id);
    if (held) store.runs.set(id, {...held, project: fields.project ?? held.project, archivedAt: mark(fields.archived, held.archivedAt), deletedAt: mark(fields.deleted, held.deletedAt)});
  }
  await store.leave(ids);
  return changed;
}

/** Deletes for ever what is in the bin. @param {import("./project.js").ProjectStore} store  @param {string[]} ids @returns {Promise<{runs: number, bytesFreed: number}>} */
export async function deleteForEver(store, ids) {
  const sum = {runs: 0, bytesFreed: 0};
  for (let at = 0; at < ids.length; at += IDS_IN_ADDRESS) {
    const {runs, bytesFreed} = await remove(`${store.path}/bin?runs=${ids.slice(at, at + IDS_IN_ADDRESS).join(",")}`);
    sum.runs += runs; sum.bytesFreed += bytesFreed;
  }
  for (const id of ids) store.runs.delete(id);
  await store.leave(ids);
  return sum;
}
