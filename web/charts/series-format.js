/**
 * Decodes the series answer (docs/formats/series.md and its JSON form) into typed columns.
 * @module
 *
 * @typedef {Float64Array|Float32Array|Uint32Array|Uint8Array} Column as it came, without a copy where it can be
 *
 * @typedef {object} SeriesColumns one series in buckets, in ascending x
 * @property {string|null} run  @property {string} metric  @property {number} points
 * @property {boolean} raw true when every bucket holds one point
 * @property {number} firstX  @property {number} lastX x of the first and last point of the whole series
 * @property {[number, number]} domain the x-range that the buckets divide
 * @property {boolean} delta true when the answer continues an earlier one
 * @property {number} bucketCount  @property {string|null} cursor  @property {object|null} group
 * @property {number} nan  @property {number} positiveInfinity  @property {number} negativeInfinity
 * @property {number} [late] points that came after those of greater steps
 * @property {Column} x0  @property {Column} x1  @property {Column} count
 * @property {Column} min  @property {Column} max  @property {Column} mean
 * @property {Column} first  @property {Column} last
 * @property {Column} nanCount  @property {Column} positiveInfinityCount
 * @property {Column} negativeInfinityCount
 * @property {Column} [smoothed]  @property {Column} [low]  @property {Column} [high]
 * @property {Column} [runs]
 */
import * as strings from "../strings.js";


const MAGIC = 0x534b5254;                       // "TRKS" read little-endian
const VERSION = 1;
const HEADER_START = 16;
const BYTES = {f64: 8, f32: 4, u32: 4, u8: 1};

/** Columns that every decoded series has; a binary answer leaves out those that are zero throughout. */
export const COLUMNS = ["x0", "x1", "count", "min", "max", "mean", "first", "last",
  "nanCount", "positiveInfinityCount", "negativeInfinityCount"];
/** Columns that exist only when asked for. */
export const OPTIONAL_COLUMNS = ["smoothed", "low", "high", "runs"];

/** The answer could not be understood; the message says where. */
export class SeriesFormatError extends Error {}

/**
 * Decodes a binary answer.
 * @param {ArrayBuffer} buffer the whole body
 * @returns {{x: string, buckets: number, series: SeriesColumns[], missing: object[]}}
 * @throws {SeriesFormatError} on a wrong magic or version, or a column outside the body
 */
export function decodeSeries(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER_START || view.getUint32(0, true) !== MAGIC) {
    throw new SeriesFormatError(strings.series.notSeries({bytes: buffer.byteLength}));
  }
  const version = view.getUint16(4, true);
  if (version !== VERSION) {
    throw new SeriesFormatError(strings.series.otherVersion({version, known: VERSION}));
  }
  const length = view.getUint32(8, true);
  if (HEADER_START + length > buffer.byteLength) {
    throw new SeriesFormatError(strings.series.headerTooLong({length, bytes: buffer.byteLength}));
  }
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, HEADER_START, length)));
  const start = Math.ceil((HEADER_START + length) / 8) * 8;
  const series = header.series.map((entry) => decodeEntry(entry, buffer, start));
  return {...header, series, missing: header.missing ?? []};
}

/**
 * Decodes the JSON answer: arrays become typed columns, `null` and `"NaN"` become NaN.
 * @param {object} answer the parsed body
 * @returns {{x: string, buckets: number, series: SeriesColumns[], missing: object[]}}
 */
export function decodeSeriesJSON(answer) {
  const series = answer.series.map((entry) => {
    const {bucketCount: n = entry.x0?.length ?? 0} = entry;
    const given = {};
    for (const name of [...COLUMNS, ...OPTIONAL_COLUMNS]) {
      if (Array.isArray(entry[name])) given[name] = Float64Array.from(entry[name], number);
    }
    return complete({...entry, bucketCount: n}, given);
  });
  return {...answer, series, missing: answer.missing ?? []};
}

/** A JSON number that may be written as a word. */
export function number(value) {
  if (typeof value === "number") return value;
  return value === "Infinity" ? Infinity : value === "-Infinity" ? -Infinity : NaN;
}

function decodeEntry({columns, ...entry}, buffer, start) {
  const given = {};
  for (const column of columns ?? []) given[column.name] = decodeColumn(column, entry.bucketCount, buffer, start);
  return complete(entry, given);
}

function decodeColumn({name, type, offset, constant, base = 0}, n, buffer, start) {
  if (constant !== undefined) return new Float64Array(n).fill(number(constant));
  const size = BYTES[type];
  if (!size) throw new SeriesFormatError(strings.series.unknownType({name, type}));
  const at = start + offset;
  if (!(at >= start) || at + n * size > buffer.byteLength) {
    throw new SeriesFormatError(strings.series.columnTooLong({name, end: at + n * size, bytes: buffer.byteLength}));
  }
  const values = reader(type, buffer, at, n);
  return base === 0 ? values : Float64Array.from(values, (value) => base + value);
}

function reader(type, buffer, at, n) {
  if (type === "f64") return new Float64Array(buffer, at, n);
  if (type === "f32") return new Float32Array(buffer, at, n);
  if (type === "u32") return new Uint32Array(buffer, at, n);
  return new Uint8Array(buffer, at, n);
}

let shared = new Uint8Array(1024);

/** A column of zeros; all of them share their memory, so nobody may write to it. */
function zeros(n) {
  if (shared.length < n) shared = new Uint8Array(2 * n);
  return shared.subarray(0, n);
}

/** Adds the columns that were left out, which stand for zeros, and the totals a short answer may lack. */
function complete(entry, given) {
  const n = entry.bucketCount;
  for (const name of COLUMNS) given[name] ??= zeros(n);
  if (entry.group) for (const name of ["low", "high", "runs"]) given[name] ??= zeros(n);
  return {
    nan: 0, positiveInfinity: 0, negativeInfinity: 0, cursor: null, group: null, raw: false, delta: false, points: 0,
    ...entry, firstX: number(entry.firstX), lastX: number(entry.lastX),
    domain: entry.domain?.length === 2 ? entry.domain.map(number) : n ? [given.x0[0], given.x1[n - 1]] : [NaN, NaN], ...given,
  };
}
