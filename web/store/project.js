/**
 * One project as its pages see it: runs in the order of a query, metrics, live changes.
 *
 * Runs come in pages as they are scrolled to, so that a project of ten thousand costs what is on the screen.
 * @module
 */
import {get, patch, query} from "../api.js";
import {LiveStream} from "../live.js";
import {announce} from "../announce.js";
import {catalogueFilter, isListed, listingOf} from "../lib/put-away.js";
import {stateParts} from "../lib/run-state.js";
import * as strings from "../strings.js";
import {RunEvents} from "./run-events.js";
import {NEWEST} from "./shown.js";
import {Changing} from "./signal.js";

const FIRST_PAGE = 100, PAGE = 500, MOST = 1000;
/** Ids in one address. */
const IDS_IN_ADDRESS = 400;
/** The id of the view that a project opens with. */
export const DEFAULT_VIEW = "default";

/** @fires change with the kinds `runs`, `metrics`, `live`, `status`; `rows` with `{run, metrics}` */
export class ProjectStore extends Changing {
  /** @type {Map<string, any>} */ runs = new Map();
  /** Ids in the order of the query, as far as loaded. @type {string[]} */ order = [];
  /** Ids of the newest that match. @type {string[]} */ newest = [];
  /** @type {Set<string>} runs that came since the list was read */ arrived = new Set();
  total = 0; matched = 0; complete = false;
  /** Grows when runs may have come, gone, or gone from one group into another. */ turns = 0;
  /** Runs in the archive and in the bin, where nothing else is there. */ putAway = {archived: 0, deleted: 0};
  /** @type {any[]} */ metrics = [];
  metricsKnown = false;
  /** @type {"loading"|"ready"|"error"} */ status = "loading";
  error = null; filterError = null; listing = false;
  #query = {filter: "", sort: "-createdAt"}; #cursor = null; #generation = 0; #page = null; #metricsTimer = 0; #asked = new Set(); #caughtUp = false; #number = 0; #brief = new Set();
  /** What the stream last said of a run's rows: an answer that was on its way meanwhile may be older. @type {Map<string, {lastStep: ?number, rows: number, points: number}>} */ #told = new Map();

  constructor(name) {
    super();
    this.name = name;
    this.path = `/projects/${encodeURIComponent(name)}`;
    this.stream = new LiveStream(name);
    this.stream.addEventListener("event", ({detail}) => this.#live(detail));
    this.stream.addEventListener("resync", () => this.resync());
    this.stream.addEventListener("state", ({detail}) => { if (detail === "live") this.#catchUp(); this.changed("live"); });
  }

  close() { this.stream.close(); clearTimeout(this.#metricsTimer); this.#generation++; }

  /** Reads the runs of a query. A refused filter leaves the list as it was and says why. */
  async setQuery({filter, sort}) {
    const same = filter === this.#query.filter && sort === this.#query.sort;
    if (same && this.status !== "loading" && !this.error) return;
    const listing = listingOf(this.#query.filter);
    this.#query = {filter, sort};
    if (listing !== listingOf(filter)) this.loadMetrics();
    await this.reload();
  }

  async reload() {
    const generation = ++this.#generation;
    this.listing = true;
    this.changed("status");
    try {
      const {filter, sort} = this.#query;
      const limit = Math.max(FIRST_PAGE, Math.min(this.order.length, MOST));
      const newest = sort === "-createdAt" ? null : this.#fetch({filter, sort: "-createdAt", limit: NEWEST});
      const answer = await this.#fetch({filter, sort, limit});
      const recent = newest ? await newest : answer;
      if (generation !== this.#generation) return;
      this.order = [];
      this.#take(answer);
      this.newest = recent.runs.slice(0, NEWEST).map((run) => run.id);
      for (const run of recent.runs) this.#keep(run);
      this.#number = Math.max(this.#number, 0, ...recent.runs.map((run) => run.number));
      if (answer.total === 0) await this.#countPutAway();
      this.arrived.clear();
      this.turns += 1;
      [this.status, this.error, this.filterError] = ["ready", null, null];
      this.#catchUp();
    } catch (error) {
      if (generation !== this.#generation) return;
      if (error.code === "invalid_filter" || (error.code === "invalid_parameter" && this.#query.filter)) this.filterError = error;
      else { this.error = error; if (this.status === "loading") this.status = "error"; }
    } finally {
      if (generation === this.#generation) { this.listing = false; this.changed("runs"); this.changed("status"); }
    }
  }

  #fetch({filter, sort, cursor, limit}) {
    return get(`${this.path}/runs${query({filter, sort, cursor, limit})}`);
  }

  #take(answer) {
    for (const run of answer.runs) { this.#keep(run); this.order.push(run.id); }
    [this.total, this.matched, this.#cursor] = [answer.total, answer.matched, answer.nextCursor];
    this.complete = !answer.nextCursor;
  }

  #keep(run) {
    const held = this.runs.get(run.id);
    const told = this.#told.get(run.id), later = told && run.points < told.points ? told : null;
    this.runs.set(run.id, held ? {...held, archivedAt: undefined, deletedAt: undefined, findings: undefined, health: undefined, listens: undefined, declared: undefined, ...(run.summary && {repeated: undefined}), ...run, ...later} : run);      // what is not so is left out
  }

  /** Takes runs that were read elsewhere. */
  keep(runs) { for (const run of runs) { this.#keep(run); this.#brief.delete(run.id); } }
  /** The same for records without config and summary. */
  keepBrief(runs) { for (const run of runs) if (!this.runs.has(run.id)) { this.#keep(run); this.#brief.add(run.id); } }

  /** Reads those runs whole of which only the brief record is known. */
  async loadWhole(ids) {
    const brief = ids.filter((id) => this.#brief.has(id));
    for (let at = 0; at < brief.length; at += IDS_IN_ADDRESS) {
      const some = brief.slice(at, at + IDS_IN_ADDRESS);
      this.keep((await this.#fetch({filter: `id in (${some.join(",")}) archived in (true,false) deleted in (true,false)`, limit: some.length})).runs);
    }
  }

  /** Whether lists hold the run, as far as archive and bin say. */
  isListed(run) { return run.project === this.name && isListed(run, this.#query.filter); }

  async #countPutAway() {
    const {archived = 0, deleted = 0} = await get(this.path);
    this.putAway = {archived, deleted};
  }

  /** Loads pages until the list reaches `count` rows or its end. */
  async loadTo(count) {
    while (!this.complete && this.order.length < count && this.status === "ready") {
      this.#page ??= this.#next(count === Infinity ? MOST : PAGE).finally(() => { this.#page = null; });
      if (!await this.#page) return;
    }
  }

  loadAll() { return this.loadTo(Infinity); }

  async #next(limit) {
    const generation = this.#generation;
    try {
      const answer = await this.#fetch({...this.#query, cursor: this.#cursor, limit});
      if (generation !== this.#generation) return false;
      this.#take(answer);
      this.changed("runs");
      return true;
    } catch (error) {
      this.error = error;
      this.changed("status");
      return false;
    }
  }

  /** Makes sure that these runs are known, also those outside the query. */
  async ensure(ids) {
    const unknown = ids.filter((id) => (!this.runs.has(id) || this.#brief.has(id)) && !this.#asked.has(id));
    for (const id of unknown) this.#asked.add(id);
    await Promise.all(unknown.map(async (id) => {
      try { this.#keep(await get(`/runs/${encodeURIComponent(id)}`)); } catch { /* deleted since: the link still shows the others */ }
    }));
    if (unknown.length) this.changed("runs");
  }

  /** Reads one run whole. */
  async loadRun(id) {
    const run = await get(`/runs/${encodeURIComponent(id)}`);
    this.#keep(run);
    this.changed("runs");
    return run;
  }

  /** Reads the catalogue of metrics. */
  async loadMetrics() {
    try {
      const {filter} = this.#query, listing = listingOf(filter);
      const {metrics} = await get(`${this.path}/metrics${query({filter: catalogueFilter(filter)})}`);
      if (listing !== listingOf(this.#query.filter)) return;
      const before = this.metrics.map((metric) => metric.name).join("\n");
      this.metrics = metrics;
      this.metricsKnown = true;
      if (before !== metrics.map((metric) => metric.name).join("\n") || before === "") this.changed("metrics");
    } catch (error) {
      if (!this.metricsKnown) { this.error = error; this.changed("status"); }
    }
  }

  /** The view that a project opens with, if its owner made one. @returns {Promise<object|null>} */
  async defaultView() {
    const {views} = await get(`${this.path}/views`);
    return views.some(({id}) => id === DEFAULT_VIEW) ? get(`${this.path}/views/${DEFAULT_VIEW}`) : null;
  }

  /** What happened in runs, as marks for charts. */
  events = new RunEvents(this);

  /** Between reading the list and hearing of changes something may have happened; only running runs can have gone on. */
  async #catchUp() {
    if (this.#caughtUp || this.status !== "ready" || this.stream.state !== "live") return;
    this.#caughtUp = true;
    const {runs, nextCursor = null} = await this.#fetch({filter: 'state = "running"', limit: PAGE}).catch(() => ({runs: [], nextCursor: ""}));
    const going = new Set(runs.map((run) => run.id));
    // With a filter the list does not say which run is the newest.
    if (this.#query.filter) this.#number = Math.max(this.#number, 0, ...runs.map((run) => run.number));
    const ended = nextCursor === null ? [...this.runs.values()].filter((run) => run.state === "running" && !going.has(run.id)) : [];
    const changed = [...runs.filter((run) => this.runs.get(run.id)?.points !== run.points),
      ...await Promise.all(ended.map((run) => get(`/runs/${encodeURIComponent(run.id)}`).catch(() => run)))];
    for (const run of changed) {
      this.#liveRun(run);
      this.dispatchEvent(new CustomEvent("rows", {detail: {run: run.id, metrics: Object.keys(run.summary ?? {})}}));
    }
  }

  /** Everything may have changed: reads the list and the metrics again, and tells the charts. */
  async resync() {
    this.#asked.clear();
    this.#told.clear();
    await Promise.all([this.reload(), this.loadMetrics()]);
    this.dispatchEvent(new CustomEvent("rows", {detail: {run: null, metrics: null}}));
  }

  /** Changes fields of a run at once on the screen; takes them back when the server refuses. */
  async update(id, fields) {
    const held = this.runs.get(id);
    this.runs.set(id, {...held, ...fields});
    this.changed("runs");
    try {
      const answer = await patch(`/runs/${encodeURIComponent(id)}`, fields);
      if (answer?.id) this.#keep(answer);
    } catch (error) {
      this.runs.set(id, held);
      this.changed("runs");
      throw error;
    }
  }

  /** Takes runs from the list that it no longer holds; where others come into it, or some were not loaded, it is read again. */
  async leave(ids) {
    const gone = new Set(ids), listed = new Set(this.order);
    if (ids.every((id) => listed.has(id) && !(this.runs.has(id) && this.isListed(this.runs.get(id))))) this.#drop(gone); else await this.reload();
  }

  #drop(gone) {
    const before = this.order.length;
    this.order = this.order.filter((id) => !gone.has(id));
    this.newest = this.newest.filter((id) => !gone.has(id));
    this.turns += 1;
    this.total -= before - this.order.length;
    this.matched -= before - this.order.length;
    if (this.total <= 0) this.reload();
    this.changed("runs");
  }

  #live({type, data}) {
    if (type === "run") this.#liveRun(data);
    if (type === "rows") this.#liveRows(data);
    if (type === "deleted") this.#liveDeleted(data.run);
    if (type === "runEvents" || type === "findings") this.events.refresh(data.run);
    if (type === "histograms" || type === "media" || type === "logs" || type === "runEvents" || type === "findings" || type === "command") this.dispatchEvent(new CustomEvent(type, {detail: data}));
  }

  #liveRun(run) {
    const held = this.runs.get(run.id), wasListed = held && this.isListed(held);
    this.#keep(run);
    this.turns += 1;
    if (!this.isListed(run)) {
      this.arrived.delete(run.id);
      if (wasListed) this.#drop(new Set([run.id]));
    } else if (!this.order.includes(run.id) && (held ? !wasListed : run.number > this.#number)) {
      this.arrived.add(run.id);
      announce(strings.runs.arrived({count: this.arrived.size}));
      // The first run of an empty project is what the person waits for: it needs no bar.
      if (this.total === 0) this.reload();
    }
    // The end of a run may change its derived summary; read it once.
    if (held && held.state === "running" && run.state !== "running") announce(strings.run.ended({name: run.name, state: stateParts(run.state)[1]}));
    if (held && held.state === "running" && run.state !== "running") this.loadRun(run.id).catch(() => {});
    this.changed("runs");
  }

  #liveRows({run: id, lastStep, rows, points, metrics}) {
    const run = this.runs.get(id);
    if (run) {
      const now = Date.now();
      this.#told.set(id, {lastStep, rows, points});
      this.runs.set(id, {...run, lastStep, rows, points, live: run.state === "running", heartbeatAt: now,
        duration: run.state === "running" && run.startedAt ? Math.max(run.duration, now - run.startedAt) : run.duration});
      this.changed("runs");
    } else if (!this.#asked.has(id)) {
      this.#asked.add(id);
      get(`/runs/${encodeURIComponent(id)}`).then((unknown) => this.#liveRun(unknown), () => this.#asked.delete(id));
    }
    if (metrics.some((name) => !this.metrics.some((metric) => metric.name === name))) this.#metricsSoon();
    this.dispatchEvent(new CustomEvent("rows", {detail: {run: id, metrics}}));
  }

  #metricsSoon() {
    if (this.#metricsTimer) return;
    this.#metricsTimer = setTimeout(() => { this.#metricsTimer = 0; this.loadMetrics(); }, 300);
  }

  #liveDeleted(id) {
    this.turns += 1;
    this.arrived.delete(id);
    this.#told.delete(id);
    const known = this.order.includes(id);
    this.order = this.order.filter((each) => each !== id);
    this.newest = this.newest.filter((each) => each !== id);
    if (known) { this.total -= 1; this.matched -= 1; }
    this.runs.delete(id);
    this.changed("runs");
  }
}
