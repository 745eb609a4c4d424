import type { LogRecord } from '../port.ts';
import { type Cursor, FetchLoop } from './fetch-loop.ts';
import { type Wire, isWireError } from './wire.ts';

/** Records held in memory per tail before it stops fetching; one fetch may go beyond it. */
const aheadMax = 500;

interface TailOptions {
  readonly topic: string;
  readonly openWire: () => Wire;
  /** First offsets, by partition. */
  readonly start: () => Promise<readonly number[]>;
  /** Any of them ends the tail. */
  readonly signals: readonly AbortSignal[];
  readonly translate: (error: unknown) => unknown;
  readonly onEnd: () => void;
}

/** Follows a topic without a group, on a lane of its own. Outages only make it wait. */
export class KafkaTail implements AsyncIterableIterator<LogRecord> {
  readonly #options: TailOptions;
  readonly #stop = (): void => this.#end();
  readonly #started: Promise<void>;
  #wire: Wire | null = null;
  #loop: FetchLoop | null = null;
  #records: LogRecord[] = [];
  #at = 0;
  #done = false;
  #failure: { readonly error: unknown } | null = null;
  #wake: () => void = () => undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #freed: Promise<void> = Promise.resolve();

  constructor(options: TailOptions) {
    this.#options = options;
    if (options.signals.some((signal) => signal.aborted)) this.#done = true;
    else for (const signal of options.signals) signal.addEventListener('abort', this.#stop);
    this.#started = this.#done ? Promise.resolve() : this.#start();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Callers need not wait for one answer before they ask for the next: answers come in order. */
  next(): Promise<IteratorResult<LogRecord>> {
    const answer = this.#turn.then(() => this.#advance());
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  return(): Promise<IteratorResult<LogRecord>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Resolves when its connections are gone, once it has ended. */
  get freed(): Promise<void> {
    return this.#freed;
  }

  async #start(): Promise<void> {
    try {
      const positions = await this.#options.start();
      if (this.#done) return;
      this.#wire = this.#options.openWire();
      this.#loop = new FetchLoop(this.#wire, { onError: () => undefined, bytesMin: 1 });
      for (const [partition, position] of positions.entries()) this.#loop.add(this.#cursor(partition, position));
    } catch (error) {
      this.#failure = { error };
      this.#wake();
    }
  }

  #cursor(partition: number, position: number): Cursor {
    const { topic } = this.#options;
    const cursor: Cursor = {
      topic,
      partition,
      position,
      wants: () => this.#records.length - this.#at < aheadMax,
      take: (records) => {
        for (const record of records) this.#records.push(record);
        this.#wake();
      },
      // What it was to begin with has expired, or the topic was made anew: it goes on with what is there.
      failed: async (error) => {
        if (!isWireError(error, 'OFFSET_OUT_OF_RANGE') || this.#wire === null) return;
        cursor.position = (await this.#wire.starts(topic, partition + 1))[partition] ?? cursor.position;
      },
    };
    return cursor;
  }

  async #advance(): Promise<IteratorResult<LogRecord>> {
    while (!this.#done) {
      const record = this.#records[this.#at];
      if (record !== undefined) {
        this.#at += 1;
        if (this.#at >= aheadMax) this.#forget();
        return { done: false, value: record };
      }
      this.#forget();
      if (this.#failure !== null) {
        this.#end();
        throw this.#options.translate(this.#failure.error);
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return { done: true, value: undefined };
  }

  #forget(): void {
    this.#records.splice(0, this.#at);
    this.#at = 0;
    this.#loop?.wake();
  }

  #end(): void {
    if (this.#done) return;
    this.#done = true;
    this.#records = [];
    for (const signal of this.#options.signals) signal.removeEventListener('abort', this.#stop);
    this.#wake();
    this.#freed = this.#free();
    this.#options.onEnd();
  }

  async #free(): Promise<void> {
    await this.#started;
    const stopped = this.#loop?.close();
    await this.#wire?.close().catch(() => undefined);
    await stopped;
  }
}
