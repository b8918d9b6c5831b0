/**
 * Undo and redo: a bounded line of states with a place in it.
 * @module
 */
export class History {
  #past = []; #future = []; #now; #limit; #mergeKey = null; #mergeUntil = 0;

  /** @param {any} now  @param {number} limit how many steps back are kept */
  constructor(now, limit = 50) { this.#now = now; this.#limit = limit; }

  get now() { return this.#now; }
  get canUndo() { return this.#past.length > 0; }
  get canRedo() { return this.#future.length > 0; }

  /** Records a state. Changes with the same `key` within a second count as one, such as the moves of a slider. */
  push(state, {key = null, time = 0} = {}) {
    const merges = key !== null && key === this.#mergeKey && time < this.#mergeUntil;
    if (!merges) this.#past.push(this.#now);
    if (this.#past.length > this.#limit) this.#past.shift();
    this.#future = [];
    this.#now = state;
    [this.#mergeKey, this.#mergeUntil] = [key, time + 1000];
  }

  undo() { return this.#move(this.#past, this.#future); }
  redo() { return this.#move(this.#future, this.#past); }

  #move(from, to) {
    if (from.length === 0) return null;
    to.push(this.#now);
    this.#mergeKey = null;
    this.#now = from.pop();
    return this.#now;
  }
}
