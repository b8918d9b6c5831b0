/** Made-up curves and the bucketing a server does, for tests of the charts. */

/** A seeded generator of numbers in 0…1 (mulberry32, Tommy Ettinger 2017). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Points `[x, y]` of a training curve. @returns {[number, number][]} */
export function curve(n, points, {spike = -1, nan = false, decay = false, signed = false, clock = 0} = {}) {
  const next = random(n + 1), rate = 0.6 + next(), floor = 0.3 + 0.5 * next();
  let noise = 0;
  return Array.from({length: points}, (_, i) => {
    const t = i / points;
    noise = 0.9 * noise + (next() - 0.5) * 0.12;
    let y = floor + 2.2 * Math.exp(-4 * rate * t) + noise + (next() - 0.5) * 0.06;
    if (decay) y = 10 ** (2 - 5 * t * rate + noise * 2) - (i % 97 === 0 ? 2 : 0);
    if (signed) y = Math.sin(t * 9 + n) * 10 ** (4 * t) + noise;
    if (clock) y = 60 + 30 * Math.sin(t * 20 + n) + noise * 20;
    if (spike >= 0 && i === spike + 37 * n) y += 6;
    if (nan && n === 1 && i > points * 0.7) y = NaN;
    if (nan && n === 2 && i === Math.floor(points / 3)) y = Infinity;
    if (nan && n === 3 && i % 400 === 200) y = NaN;
    return [clock ? clock + i * 60 : i, y];
  });
}

/** The answer's columns of sorted points in at most `buckets` buckets of equal x-width. */
export function columnsOf(points, buckets, {run = "run", metric = "loss", from = -Infinity, to = Infinity} = {}) {
  const inside = points.filter(([x]) => x >= from && x <= to);
  const groups = group(inside, buckets);
  const n = groups.length;
  const column = (take) => Float64Array.from(groups, take);
  const finite = (g) => g.filter(([, y]) => Number.isFinite(y));
  const count = (test) => column((g) => g.filter(([, y]) => test(y)).length);
  const total = (test) => points.filter(([, y]) => test(y)).length;
  const isNaN = Number.isNaN, up = (y) => y === Infinity, down = (y) => y === -Infinity;
  return {
    run, metric, points: points.length, raw: groups.every((g) => g.length === 1), bucketCount: n, cursor: null, group: null,
    domain: points.length ? [points[0][0], points.at(-1)[0]] : [NaN, NaN], nan: total(isNaN), positiveInfinity: total(up), negativeInfinity: total(down),
    x0: column((g) => g[0][0]), x1: column((g) => g.at(-1)[0]), count: column((g) => g.length),
    min: column((g) => finite(g).reduce((m, [, y]) => Math.min(m, y), Infinity)).map(missing),
    max: column((g) => finite(g).reduce((m, [, y]) => Math.max(m, y), -Infinity)).map(missing),
    mean: column((g) => finite(g).reduce((s, [, y]) => s + y, 0) / finite(g).length),
    first: column((g) => finite(g)[0]?.[1] ?? NaN), last: column((g) => finite(g).at(-1)?.[1] ?? NaN),
    nanCount: count(isNaN), positiveInfinityCount: count(up), negativeInfinityCount: count(down),
  };
}

/**
 * A binary answer as docs/formats/series.md says. Each series' `columns` are `[name, type, values, base?]` or `[name, constant]`.
 * @returns {ArrayBuffer}
 */
export function encodeSeries(series, {magic = "TRKS", version = 1} = {}) {
  const arrays = {f64: Float64Array, f32: Float32Array, u32: Uint32Array, u8: Uint8Array}, parts = [];
  let offset = 0;
  const place = ([name, type, values, base]) => {
    if (values === undefined) return {name, constant: type};
    const array = new arrays[type](values), bytes = new Uint8Array(Math.ceil(array.byteLength / 8) * 8);
    bytes.set(new Uint8Array(array.buffer));
    parts.push(bytes);
    const column = {name, type, offset, ...(base === undefined ? {} : {base})};
    offset += bytes.length;
    return column;
  };
  const header = {x: "step", buckets: 10, missing: [], series: series.map(({columns, ...entry}) => ({...entry, columns: columns.map(place)}))};
  const json = new TextEncoder().encode(JSON.stringify(header)), start = Math.ceil((16 + json.length) / 8) * 8;
  const out = new Uint8Array(start + offset), view = new DataView(out.buffer);
  out.set(new TextEncoder().encode(magic));
  view.setUint16(4, version, true);
  view.setUint32(8, json.length, true);
  out.set(json, 16);
  let at = start;
  for (const part of parts) { out.set(part, at); at += part.length; }
  return out.buffer;
}

/** `columnsOf` as the server would send it: whole steps as u32, values as f32 unless `exact`, counts as bytes, zeros left out. */
export function binaryOf({run, metric, points, raw, bucketCount, cursor, group, domain, nan, positiveInfinity, negativeInfinity, ...columns}, exact = true) {
  const fits = (values) => values.every((v) => Number.isInteger(v) && v >= 0 && v < 2 ** 32);
  const type = (name, values) => (/ount$/.test(name) ? (values.every((v) => v < 256) ? "u8" : "u32") : /^x/.test(name) && fits(values) ? "u32" : exact ? "f64" : "f32");
  const sent = Object.entries(columns).filter(([, values]) => values.some((v) => v !== 0)).map(([name, values]) => [name, type(name, values), values]);
  return encodeSeries([{run, metric, points, raw, bucketCount, cursor, group, domain, firstX: domain[0], lastX: domain[1], nan, positiveInfinity, negativeInfinity, columns: sent}]);
}

/** An answer of /histograms/data: a bell that moves and narrows, 30 bins of its own range in each slice. */
export function histogramAnswer(name, slices, {seed = 1, every = 100} = {}) {
  const next = random(seed);
  return {name, total: slices, slices: Array.from({length: slices}, (_, i) => {
    const t = i / slices, middle = 0.3 * Math.sin(t * 5 + seed), width = 0.5 * Math.exp(-2 * t) + 0.08;
    const edges = Array.from({length: 31}, (_, k) => middle + width * (k / 15 - 1) * 2.5);
    const counts = Array.from({length: 30}, (_, k) => Math.round(4000 * Math.exp(-(((k - 14.5) / 6) ** 2)) * (0.85 + 0.3 * next())));
    return {step: i * every, time: i, edges, counts, min: edges[0], max: edges[30], sum: 0, count: counts.reduce((a, b) => a + b, 0), nan: i === slices - 1 ? 3 : 0};
  })};
}

const missing = (v) => (Number.isFinite(v) ? v : NaN);

function group(points, buckets) {
  if (points.length <= buckets) return points.map((p) => [p]);
  const [low, high] = [points[0][0], points.at(-1)[0]];
  const groups = new Map();
  for (const point of points) {
    const k = Math.min(buckets - 1, Math.floor(((point[0] - low) / (high - low)) * buckets));
    if (!groups.has(k)) groups.set(k, []);
    groups.get(k).push(point);
  }
  return [...groups.values()];
}
