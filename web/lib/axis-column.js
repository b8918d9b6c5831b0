/**
 * A metric that serves as x-axis, as a function of the step.
 * @module
 * @typedef {import("../charts/series-format.js").SeriesColumns} SeriesColumns
 */
import {firstIndexAtOrAfter} from "../charts/series-merge.js";

export class AxisColumn {
  #steps = []; #values = [];

  /** @param {SeriesColumns} data the metric over steps */
  constructor({x0, x1, first, last, bucketCount}) {
    for (let i = 0; i < bucketCount; i++) {
      this.#add(x0[i], first[i]);
      if (x1[i] > x0[i]) this.#add(x1[i], last[i]);
    }
  }

  #add(step, value) { if (Number.isFinite(value)) { this.#steps.push(step); this.#values.push(value); } }

  /** The last step that it knows. */
  get end() { return this.#steps.at(-1) ?? -Infinity; }

  /** Its value at a step, on a straight line between two that were logged; `undefined` before the first, and the last from there on. O(log n) */
  at(step) {
    const steps = this.#steps, values = this.#values, next = firstIndexAtOrAfter(steps, step);
    if (steps[next] === step) return values[next];
    if (next === 0 || next === steps.length) return values[next - 1];
    return values[next - 1] + (step - steps[next - 1]) / (steps[next] - steps[next - 1]) * (values[next] - values[next - 1]);
  }
}
