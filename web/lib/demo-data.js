/**
 * A small project to look around in: classifiers of pictures, one with spikes in its loss, one that ends in NaN. Always the same numbers.
 * @module
 */
const STEPS = 400, VALIDATED = 10, SECONDS_A_STEP = 0.5;
const MODELS = ["resnet18", "resnet50", "vit-small", "vit-base"], OPTIMIZERS = ["adamw", "sgd"], RATES = [3e-4, 1e-3, 3e-3, 1e-2];
const SPIKES = new Set([90, 171, 260, 333]), SPIKY = 2, BROKEN = 5, BROKEN_AT = 250;

/** Numbers in [0, 1) that only depend on the seed (Marsaglia, *Xorshift RNGs*, 2003). */
function random(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => { state ^= state << 13; state >>>= 0; state ^= state >>> 17; state ^= state << 5; state >>>= 0; return state / 2 ** 32; };
}

/**
 * The runs of the demo: what creates each, and what it logs.
 * @param {number} now milliseconds since 1970, when the last of them ended
 * @returns {{name: string, config: object, tags: string[], state: "finished"|"failed", batch: {steps: number[], times: number[], columns: Record<string, (number|string|null)[]>}}[]}
 */
export function demoRuns(now) {
  return Array.from({length: 8}, (_, i) => {
    const model = MODELS[i % MODELS.length], optimizer = OPTIMIZERS[i % 2], rate = RATES[Math.floor(i / 2)];
    return {name: `${model}-${optimizer}-${i + 1}`, config: {model, optimizer: {name: optimizer, lr: rate}, batch_size: 32 << i % 3, data: {name: "pictures", augment: i % 2 === 0}, seed: i},
      tags: i === 0 ? ["baseline"] : [], state: i === BROKEN ? "failed" : "finished", batch: logged(i, rate, now - (8 - i) * 60_000)};
  });
}

function logged(i, rate, end) {
  const next = random(i + 1), count = i === BROKEN ? BROKEN_AT + 40 : STEPS, steps = Array.from({length: count}, (_, step) => step);
  const floor = 0.22 + 0.03 * (i % 5), slope = 60 + 12 * (i % 4), fall = (step) => Math.exp(-step / slope);
  const loss = steps.map((step) => (i === BROKEN && step >= BROKEN_AT ? "NaN" : i === SPIKY && SPIKES.has(step) ? 4 + next() * 2 : floor + 2.1 * fall(step) + (next() - 0.5) * 0.12 * (0.4 + fall(step))));
  const validated = (value) => steps.map((step) => (step % VALIDATED === 0 ? value(step) : null));
  return {steps, times: steps.map((step) => Math.round((end - (count - step) * SECONDS_A_STEP * 1000) * 1000)), columns: {
    "train/loss": loss,
    "train/accuracy": steps.map((step) => 0.96 - floor * 0.1 - 0.85 * fall(step) + (next() - 0.5) * 0.02),
    "train/learning_rate": steps.map((step) => rate * Math.min(1, (step + 1) / 40) * 0.5 * (1 + Math.cos((Math.PI * step) / STEPS))),
    "val/loss": validated((step) => floor * 1.25 + 2.1 * fall(step) + (i % 3 === 1 ? step * 4e-4 : 0)),
    "val/accuracy": validated((step) => 0.94 - floor * 0.2 - 0.86 * fall(step)),
  }};
}
