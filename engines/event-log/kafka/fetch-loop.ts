import { backOff } from '../backoff.ts';
import type { LogRecord } from '../port.ts';
import { type Fetched, type Wire, isWireError } from './wire.ts';

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
  /** Told that nothing can be read at its position while others are served; it is asked for again after a while, alone. */
  failed(error: unknown): void | Promise<void>;
}

/** What a broker says of one partition, whoever else was asked for with it. */
const ofOnePartition = ['OFFSET_OUT_OF_RANGE', 'CORRUPT_MESSAGE'];

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
  /** Those that failed alone, with how often in a row; who is left alone for now is in `#resting`. */
  readonly #failing = new WeakMap<Cursor, number>();
  readonly #resting = new Set<Cursor>();
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
      const wanting = [...this.#cursors].filter((cursor) => !this.#resting.has(cursor) && cursor.wants());
      if (wanting.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
      else await this.#fetch(wanting);
    }
  }

  async #fetch(wanting: readonly Cursor[]): Promise<void> {
    try {
      await this.#ask(wanting, waitMsMax);
      this.#failures = 0;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (await this.#isOfSome(error, wanting)) return;
      this.#options.onError(error);
      await backOff(++this.#failures, this.#stop.signal);
    }
  }

  async #ask(wanting: readonly Cursor[], waitMs: number): Promise<void> {
    const wanted = wanting.map(({ topic, partition, position }) => ({ topic, partition, offset: position }));
    const answers = await this.#wire.fetch(wanted, waitMs, this.#options.bytesMin);
    for (const answer of answers) await this.#deliver(answer, wanting);
    for (const cursor of wanting) this.#failing.delete(cursor);
  }

  /** Asks for each alone where all together failed: one that cannot be read must not hold up the others. False where the log is away. */
  async #isOfSome(error: unknown, wanting: readonly Cursor[]): Promise<boolean> {
    const failed: { readonly cursor: Cursor; readonly error: unknown }[] = [];
    const alone = wanting.length === 1 ? [] : wanting;
    for (const cursor of wanting.length === 1 ? wanting : []) failed.push({ cursor, error });
    await Promise.all(
      alone.map((cursor) =>
        this.#ask([cursor], 0).catch((reason: unknown) => void failed.push({ cursor, error: reason })),
      ),
    );
    const isAway =
      failed.length === wanting.length && !failed.some((each) => isWireError(each.error, ...ofOnePartition));
    if (isAway) return false;
    for (const each of failed) await this.#rest(each.cursor, each.error);
    return true;
  }

  async #rest(cursor: Cursor, error: unknown): Promise<void> {
    const failures = (this.#failing.get(cursor) ?? 0) + 1;
    this.#failing.set(cursor, failures);
    this.#resting.add(cursor);
    void backOff(failures, this.#stop.signal).then(() => {
      this.#resting.delete(cursor);
      this.#wake();
    });
    await Promise.resolve(cursor.failed(error)).catch(() => undefined);
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
