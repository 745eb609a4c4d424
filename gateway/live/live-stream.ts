import type { Positions } from './cursor.ts';

/** One event's answer, the same for all who share the subscription: made once, sent many times. */
export interface Payload {
  /** JSON text of the GraphQL result. With a cursor, its last member is `extensions`, an object that is not empty; without, it has no extensions. */
  readonly text: string;
  /** Resumes after this event; null where nothing can. */
  readonly cursor: string | null;
  /** What the cursor says. */
  readonly positions: Positions;
}

/** What a reader gets: the text, and the cursor that is also in its extensions. */
export interface LiveEvent {
  readonly text: string;
  /** Null where nothing can resume after it, and for what is no event: why the stream ends. */
  readonly cursor: string | null;
}

export interface LiveStreamOptions {
  /** Payloads that may wait for a slow reader; then the oldest goes. */
  readonly queueMax: number;
  /** Called once when the stream is over, whoever ended it. */
  readonly onClose: () => void;
  /** Told of every payload that was dropped. */
  readonly onDrop: () => void;
}

type Step = IteratorResult<LiveEvent, undefined>;

/**
 * What one subscriber reads. `return()` ends it at once, also while `next()` is waiting: an async generator would hold its source
 * until the next event. A reader that missed payloads finds their number as `extensions.lagged` of the next one.
 */
export class LiveStream implements AsyncIterableIterator<LiveEvent, undefined> {
  readonly #options: LiveStreamOptions;
  readonly #closing = new AbortController();
  readonly #queue: Payload[] = [];
  #lagged = 0;
  /** Told when everything else was read. */
  #farewell: string | null = null;
  #waiting: ((step: Step) => void) | null = null;
  /** Ends the stream when what waits was read. */
  #finish: (() => void) | null = null;
  #roomWanted: (() => void) | null = null;
  /** Resumes from the stream's beginning; told to clients that can remember it before the first event. */
  startCursor: string | null = null;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
  }

  /** Aborted when the stream is over. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  isClosed(): boolean {
    return this.closed.aborted;
  }

  push(payload: Payload): void {
    if (this.isClosed()) return;
    if (this.#waiting) {
      const resolve = this.#waiting;
      this.#waiting = null;
      resolve({ done: false, value: this.#eventOf(payload) });
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

  /** Resolves when a payload can be pushed without dropping another, or the stream is over. For one source at a time. */
  async room(): Promise<void> {
    if (this.isClosed() || this.#queue.length < this.#options.queueMax) return;
    await new Promise<void>((resolve) => {
      this.#roomWanted = resolve;
    });
  }

  async next(): Promise<Step> {
    const payload = this.#queue.shift();
    if (payload) {
      this.#tellRoom();
      if (this.#finish !== null && this.#queue.length === 0) this.#finish();
      return { done: false, value: this.#eventOf(payload) };
    }
    if (this.#farewell !== null) {
      const text = this.#farewell;
      this.#farewell = null;
      return { done: false, value: { text, cursor: null } };
    }
    if (this.isClosed()) return { done: true, value: undefined };
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  async return(): Promise<Step> {
    this.close();
    return { done: true, value: undefined };
  }

  /** Ends the stream with a last text, the JSON of a GraphQL result that says why. */
  end(text: string): void {
    if (this.isClosed()) return;
    if (this.#waiting) {
      this.#waiting({ done: false, value: { text, cursor: null } });
      this.#waiting = null;
    } else this.#farewell = text;
    this.close();
  }

  /** Ends the stream as soon as what waits was read, with a last text where there is one. */
  finish(text: string | null): void {
    const finish = (): void => (text === null ? this.close() : this.end(text));
    if (this.#queue.length === 0) finish();
    else this.#finish = finish;
  }

  /** Ends the stream. What still waits is dropped. */
  close(): void {
    if (this.isClosed()) return;
    this.#closing.abort();
    this.#queue.length = 0;
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = null;
    this.#tellRoom();
    this.#options.onClose();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #tellRoom(): void {
    this.#roomWanted?.();
    this.#roomWanted = null;
  }

  #eventOf({ text, cursor }: Payload): LiveEvent {
    if (this.#lagged === 0) return { text, cursor };
    const lagged = this.#lagged;
    this.#lagged = 0;
    const told = `"lagged":${lagged}}}`;
    return {
      text: cursor === null ? `${text.slice(0, -1)},"extensions":{${told}` : `${text.slice(0, -2)},${told}`,
      cursor,
    };
  }
}
