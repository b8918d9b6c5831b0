/**
 * One EventSource that reconnects with back-off and turns server-sent events into `{type, data}`.
 * @module
 */
const TYPES = ["run", "rows", "histograms", "media", "logs", "runEvents", "findings", "command", "deleted", "resync"];
const BACKOFF_MS = [1000, 2000, 3000, 5000, 8000];

export class EventSourceHub {
  #url; #receive; #source = null; #attempt = 0; #timer = 0; #state = "connecting"; #broken = false;

  /** @param {string} url  @param {(message: {type: string, data: any}) => void} receive */
  constructor(url, receive) {
    this.#url = url;
    this.#receive = receive;
    this.#open();
  }

  get state() { return this.#state; }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #open() {
    const source = this.#source = new EventSource(this.#url);
    source.onopen = () => {
      this.#attempt = 0;
      this.#say("live");
      // The browser's own Last-Event-ID is lost with a new EventSource: read everything again, which misses and doubles nothing.
      if (this.#broken) { this.#broken = false; this.#receive({type: "resync", data: {}}); }
    };
    source.onerror = () => {
      this.#say("reconnecting");
      if (source.readyState !== EventSource.CLOSED) { this.#broken = true; return; }
      this.#broken = true;
      source.close();
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#open(), BACKOFF_MS[Math.min(this.#attempt++, BACKOFF_MS.length - 1)]);
    };
    for (const type of TYPES) {
      source.addEventListener(type, (event) => {
        this.#receive({type, data: JSON.parse(event.data)});
      });
    }
  }

  #say(state) {
    this.#state = state;
    this.#receive({type: "state", data: state});
  }
}
