/** Stop, archive, bin and other projects: what is done to one run or many, and how it is taken back. @module */
import {html, useEffect, useState} from "../vendor/preact.js";
import {get} from "../api.js";
import {formatBytes, formatStep} from "../charts/format.js";
import {listingOf, withListing} from "../lib/put-away.js";
import {listensTo} from "../lib/run-commands.js";
import {changeRuns, deleteForEver} from "../store/put-away.js";
import * as strings from "../strings.js";
import {lazy} from "./lazy.js";
import {Dialog, Menu, toast, toastError} from "./overlay.js";

const StopRuns = lazy(() => import("./run-commands.js"), "StopRuns");

/** More runs than this are put into the bin only after their number was typed. */
const MANY = 20;
let binDays = 0;

/** Days that runs lie in the bin, asked for once. */
const askBinDays = async () => (binDays ||= (await get("/info", {quiet: true}).catch(() => null))?.binDays ?? 30);

/** The same while they are shown. */
function useBinDays(isShown) {
  const [days, setDays] = useState(binDays || 30);
  useEffect(() => { if (isShown) askBinDays().then(setDays); }, [isShown]);
  return days;
}

/**
 * What can be done to these runs, as items of a menu or buttons, and the dialogs that some of them open.
 * @param {any} store  @param {string[]} ids  @param {() => void} done called when they have left the list
 * @returns {{items: {label: string, icon: string, danger?: boolean, onSelect: () => void}[], dialog: any}}
 */
export function usePutAway(store, ids, done = () => {}) {
  const [asking, setAsking] = useState("");
  const runs = ids.map((id) => store.runs.get(id)).filter(Boolean);
  const name = ids.length === 1 && runs.length ? runs[0].name : strings.runs.some({count: formatStep(ids.length)});
  const close = () => setAsking("");
  /** Does it, says so, and offers the way back. */
  const act = async (fields, back, words, wanted = ids) => {
    close();
    const all = [...wanted];
    done();
    try {
      await changeRuns(store, all, fields);
      toast(await words, {undo: () => changeRuns(store, all, back).catch(toastError)});
    } catch (error) { toastError(error); }
  };
  const remove = () => act({deleted: true}, {deleted: false}, askBinDays().then((days) => strings.bin.put({name, days})));
  const forEver = async () => {
    close();
    const all = [...ids];
    done();
    try { const {bytesFreed} = await deleteForEver(store, all); toast(strings.bin.deletedForEver({name, freed: formatBytes(bytesFreed)})); } catch (error) { toastError(error); }
  };
  const inBin = runs.length > 0 && runs.every((run) => run.deletedAt), archived = runs.length > 0 && runs.every((run) => run.archivedAt);
  const stoppable = runs.filter((run) => listensTo(run, "stop")).length;
  const items = inBin ? [
    {label: strings.bin.restore, icon: "undo-2", onSelect: () => act({deleted: false}, {deleted: true}, strings.bin.restored({name}))},
    {label: strings.bin.deleteForEver, icon: "trash-2", danger: true, onSelect: () => setAsking("ever")},
  ] : [
    ...(stoppable ? [{label: stoppable === ids.length ? strings.commands.stopDots : strings.commands.stopSome({some: formatStep(stoppable), all: formatStep(ids.length)}), icon: "square", onSelect: () => setAsking("stop")}] : []),
    archived ? {label: strings.bin.unarchive, icon: "archive", onSelect: () => act({archived: false}, {archived: true}, strings.bin.unarchived({name}))}
      : {label: strings.bin.archive, icon: "archive", onSelect: () => act({archived: true}, {archived: false}, strings.bin.archivedRun({name}), ids.filter((id) => !store.runs.get(id)?.archivedAt))},
    {label: strings.bin.moveToProject, icon: "folder", onSelect: () => setAsking("move")},
    {label: strings.bin.delete, icon: "trash-2", danger: true, onSelect: () => (ids.length > MANY ? setAsking("bin") : remove())},
  ];
  const days = useBinDays(asking === "bin");
  const dialog = asking === "move" ? html`<${MoveTo} from=${store.name} name=${name} onMove=${(project) => act({project}, {project: store.name}, strings.bin.moved({name, project}))} onClose=${close}/>`
    : asking === "ever" ? html`<${Typed} title=${strings.bin.forEverQuestion({name})} word=${wordOf(ids, runs)} action=${strings.bin.deleteForEverNow} onConfirm=${forEver} onClose=${close}>
      <p>${strings.bin.forEverHint}</p></${Typed}>`
    : asking === "bin" ? html`<${Typed} title=${strings.bin.deleteQuestion({name})} word=${wordOf(ids, runs)} action=${strings.bin.delete} onConfirm=${remove} onClose=${close}>
      <p>${strings.bin.deleteHint({days})}</p></${Typed}>`
    : asking === "stop" ? html`<${StopRuns} store=${store} ids=${ids} onClose=${close}/>` : null;
  return {items, dialog};
}

const wordOf = (ids, runs) => (ids.length === 1 && runs.length ? runs[0].name : String(ids.length));

/** Goes on only when a word was typed: a run's name, or how many runs there are. */
function Typed({title, word, action, onConfirm, onClose, children}) {
  const [text, setText] = useState("");
  return html`<${Dialog} title=${title} onClose=${onClose}><form onSubmit=${(event) => { event.preventDefault(); if (text === word) onConfirm(); }}>
    ${children}<label class="field"><span>${strings.bin.type} <b>${word}</b> ${strings.bin.toConfirm}</span><input class="input" aria-label=${strings.bin.typeToConfirm({word})} value=${text} autocomplete="off" onInput=${(event) => setText(event.target.value)} autofocus/></label>
    <button type="submit" class="button danger" disabled=${text !== word}>${action}</button></form></${Dialog}>`;
}

function MoveTo({from, name, onMove, onClose}) {
  const [project, setProject] = useState("");
  const [projects, setProjects] = useState([]);
  useEffect(() => { get("/projects").then((answer) => setProjects(answer.projects.map((each) => each.name).filter((each) => each !== from)), toastError); }, []);
  const wanted = project.trim(), isNew = wanted !== "" && !projects.includes(wanted);
  return html`<${Dialog} title=${strings.bin.moveTitle({name})} onClose=${onClose}><form onSubmit=${(event) => { event.preventDefault(); if (wanted && wanted !== from) onMove(wanted); }}>
    <p class="muted">${strings.bin.moveHint}</p>
    <label class="field"><span>${strings.common.project}</span><input class="input" list="projects-to-move" value=${project} autocomplete="off" onInput=${(event) => setProject(event.target.value)} autofocus/></label>
    <datalist id="projects-to-move">${projects.map((each) => html`<option key=${each} value=${each}/>`)}</datalist>
    <button type="submit" class="button primary" disabled=${!wanted || wanted === from}>${isNew ? strings.bin.makeAndMove : strings.bin.move}</button></form></${Dialog}>`;
}

const LISTINGS = [["shown", strings.common.runs, "list"], ["all", strings.bin.runsAndArchived, "layers"], ["archived", strings.bin.archived, "archive"], ["bin", strings.bin.bin, "trash-2"]];

/** Which runs are listed; the choice is a part of the filter. */
export function ListingMenu({view}) {
  const listing = listingOf(view.now.filter), chosen = LISTINGS.find(([key]) => key === listing);
  return html`<${Menu} label=${strings.bin.which} icon=${chosen?.[2] ?? "list"} className=${`button small ${listing === "shown" ? "" : "on"}`} text=${listing === "shown" ? null : chosen?.[1] ?? strings.bin.ownFilter}
    items=${itemsOf(view, (label) => label)}/>`;
}

/** The same as items of another menu. */
export const listingItems = (view) => itemsOf(view, (label) => strings.bin.listed({listing: label.toLowerCase()}));

const itemsOf = (view, named) => LISTINGS.map(([key, label]) => ({label: named(label), checked: key === listingOf(view.now.filter), radio: true,
  onSelect: () => view.set({filter: withListing(view.now.filter, key)})}));

/** Where a project's list is empty because all is put away. */
export function AllPutAway({store, view}) {
  const {archived, deleted} = store.putAway;
  return html`${archived > 0 && html`<button type="button" class="button" onClick=${() => view.set({filter: withListing("", "archived")})}>${strings.bin.archivedCount({count: formatStep(archived)})}</button>`}
    ${deleted > 0 && html`<button type="button" class="button" onClick=${() => view.set({filter: withListing("", "bin")})}>${strings.bin.binCount({count: formatStep(deleted)})}</button>`}`;
}

/** Says on a run's page that it is put away, and leads back. */
export function PutAwayBanner({run, store}) {
  const days = useBinDays(Boolean(run.deletedAt));
  if (!run.deletedAt && !run.archivedAt) return null;
  const left = run.deletedAt ? Math.ceil((Math.max(run.deletedAt, run.heartbeatAt ?? 0) + days * 86_400_000 - Date.now()) / 86_400_000) : 0;
  const back = run.deletedAt ? {deleted: false} : {archived: false};
  return html`<div class="put-away" role="note"><span>${run.deletedAt ? strings.bin.runInBin({left: left > 1 ? strings.bin.daysLeft({days: left}) : strings.bin.lastDay}) : strings.bin.runIsArchived}</span>
    <button type="button" class="button small" onClick=${() => changeRuns(store, [run.id], back).catch(toastError)}>${run.deletedAt ? strings.bin.restore : strings.bin.unarchive}</button></div>`;
}
