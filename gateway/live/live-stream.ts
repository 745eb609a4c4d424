/** One event's answer, the same for all who share the subscription: made once, sent many times. */
export interface Payload {
  /** JSON text of the GraphQL result, without `extensions` of its own. */
  readonly text: string;
}

export interface LiveStreamOptions {
  /** Payloads that may wait for a slow reader; then the oldest goes. */
  readonly queueMax: number;
  /** Called once when the stream is over, whoever ended it. */
  readonly onClose: () => void;
  /** Told of every payload that was dropped. */
  readonly onDrop: () => void;
}

/**
 * What one subscriber reads. `return()` ends it at once, also while `next()` is waiting: an async generator would hold its source
 * until the next event. A reader that missed payloads finds their number as `extensions.lagged` of the next one.
 */
export class LiveStream implements AsyncIterableIterator<string, undefined> {
  readonly #options: LiveStreamOptions;
  readonly #queue: Payload[] = [];
  #lagged = 0;
  #closed = false;
  #waiting: ((result: IteratorResult<string, undefined>) => void) | null = null;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
  }

  push(payload: Payload): void {
    if (this.#closed) return;
    if (this.#waiting) {
      const resolve = this.#waiting;
      this.#waiting = null;
      resolve({ done: false, value: this.#textOf(payload) });
      return;
    }
    this.#queue.push(payload);
    if (this.#queue.length <= this.#options.queueMax) return;
    this.#queue.shift();
    this.drop(1);
  }

  /** Counts payloads that this reader will not get. */
  drop(count: number): void {
    this.#lagged += count;
    for (let index = 0; index < count; index += 1) this.#options.onDrop();
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    const payload = this.#queue.shift();
    if (payload) return { done: false, value: this.#textOf(payload) };
    if (this.#closed) return { done: true, value: undefined };
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  async return(): Promise<IteratorResult<string, undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  /** Ends the stream. What still waits is dropped. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.length = 0;
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = null;
    this.#options.onClose();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #textOf({ text }: Payload): string {
    if (this.#lagged === 0) return text;
    const lagged = this.#lagged;
    this.#lagged = 0;
    return `${text.slice(0, -1)},"extensions":{"lagged":${lagged}}}`;
  }
}
