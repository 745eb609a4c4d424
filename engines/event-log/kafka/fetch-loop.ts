import { backOff } from '../backoff.ts';
import type { LogRecord } from '../port.ts';
import type { Fetched, Wire } from './wire.ts';

/** How long the broker may keep a fetch open when there is nothing: also how late a new cursor may join in. */
const waitMsMax = 100;

/** A place in a partition that somebody reads on from. */
export interface Cursor {
  readonly topic: string;
  readonly partition: number;
  /** Where the next fetch starts; the loop moves it. */
  position: number;
  /** Whether there is room for more. */
  wants(): boolean;
  /** Takes what was read up to the position, maybe nothing but control records. */
  take(records: readonly LogRecord[]): void;
}

export interface FetchLoopOptions {
  readonly onError: (error: unknown) => void;
  /** With fewer bytes than these the broker waits, for 100 ms at most. */
  readonly bytesMin: number;
}

/** Fetches for many cursors with one request at a time, so that a slow one holds up nobody. */
export class FetchLoop {
  readonly #wire: Wire;
  readonly #options: FetchLoopOptions;
  readonly #cursors = new Set<Cursor>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #wake: () => void = () => undefined;
  #failures = 0;

  constructor(wire: Wire, options: FetchLoopOptions) {
    this.#wire = wire;
    this.#options = options;
    this.#running = this.#run();
  }

  add(cursor: Cursor): void {
    this.#cursors.add(cursor);
    this.#wake();
  }

  remove(cursor: Cursor): void {
    this.#cursors.delete(cursor);
  }

  /** Call it when a cursor wants again. */
  wake(): void {
    this.#wake();
  }

  /** Begins nothing more at once; resolves when the wire's owner has closed it, which ends a fetch that waits. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const wanting = [...this.#cursors].filter((cursor) => cursor.wants());
      if (wanting.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
      else await this.#fetch(wanting);
    }
  }

  async #fetch(wanting: readonly Cursor[]): Promise<void> {
    try {
      const wanted = wanting.map(({ topic, partition, position }) => ({ topic, partition, offset: position }));
      const answers = await this.#wire.fetch(wanted, waitMsMax, this.#options.bytesMin);
      this.#failures = 0;
      for (const answer of answers) await this.#deliver(answer, wanting);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#options.onError(error);
      await backOff(++this.#failures, this.#stop.signal);
    }
  }

  async #deliver(answer: Fetched, wanting: readonly Cursor[]): Promise<void> {
    const cursor = wanting.find(({ topic, partition }) => topic === answer.topic && partition === answer.partition);
    if (cursor === undefined || !this.#cursors.has(cursor)) return;
    const { records, next } = await askedAlone(this.#wire, answer, cursor.position);
    if (next === cursor.position) return;
    cursor.position = next;
    cursor.take(records.map((record) => ({ topic: cursor.topic, partition: cursor.partition, ...record })));
  }
}

/**
 * Nothing came although there is something: the request's bytes went to other partitions. Alone, a partition gets a batch whatever its size. What is nothing even then
 * is asked for again: an offset is passed only where a batch ends behind it. That the stable end lies behind it says nothing: a broker may tell so of a transaction that has just begun.
 */
export async function askedAlone(wire: Wire, answer: Fetched, from: number): Promise<Fetched> {
  const { topic, partition, next, stableEnd } = answer;
  if (next > from || from >= stableEnd) return answer;
  const [alone] = await wire.fetch([{ topic, partition, offset: from }], 0);
  return alone ?? answer;
}
