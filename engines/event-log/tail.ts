import type { CommitSignal } from '../sqlite/commit-signal.ts';
import type { LogTables } from './log-tables.ts';
import type { LogRecord, StartPosition } from './port.ts';
import { startOffsets } from './start-position.ts';

/** Records held in memory per tail, at most, whatever the follower's pace. */
const pageMax = 256;

interface TailOptions {
  readonly tables: LogTables;
  readonly commits: CommitSignal;
  readonly topic: string;
  readonly from: StartPosition;
  /** Any of them ends the tail. */
  readonly signals: readonly AbortSignal[];
  /** Turns an error into the port's. */
  readonly translate: (error: unknown) => unknown;
}

/** Follows a topic by reading pages of committed records; commits wake it. */
export class Tail implements AsyncIterableIterator<LogRecord> {
  readonly #options: TailOptions;
  readonly #stop = (): void => this.#end();
  #positions: number[] = [];
  /** Partitions that may hold more than was read. */
  #behind = new Set<number>();
  #unsubscribe: () => void = () => undefined;
  #page: readonly LogRecord[] = [];
  #at = 0;
  #done = false;
  #failure: { readonly error: unknown } | null = null;
  #wake: () => void = () => undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: TailOptions) {
    this.#options = options;
    const { tables, commits, topic, from, signals } = options;
    try {
      const ends = tables.streams(topic).map((stream) => tables.end(stream));
      this.#positions = startOffsets(topic, from, ends);
      this.#behind = new Set(this.#positions.keys());
      const first = tables.stream(topic, 0);
      this.#unsubscribe = commits.subscribe(tables.streams(topic), (stream) => {
        this.#behind.add(stream - first);
        this.#wake();
      });
    } catch (error) {
      this.#failure = { error: options.translate(error) };
    }
    if (signals.some((signal) => signal.aborted)) this.#end();
    else for (const signal of signals) signal.addEventListener('abort', this.#stop);
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

  async #advance(): Promise<IteratorResult<LogRecord>> {
    while (!this.#done) {
      const record = this.#page[this.#at++];
      if (record !== undefined) return { done: false, value: record };
      this.#fill();
      if (this.#page.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return { done: true, value: undefined };
  }

  #fill(): void {
    this.#at = 0;
    try {
      if (this.#failure !== null) throw this.#failure.error;
      this.#page = this.#read();
    } catch (error) {
      this.#end();
      throw this.#options.translate(error);
    }
  }

  #read(): LogRecord[] {
    const { tables, topic } = this.#options;
    const limit = Math.ceil(pageMax / this.#positions.length);
    return [...this.#behind].flatMap((partition) => {
      const records = tables.read({ topic, partition, from: this.#positions[partition] as number, limit });
      const last = records.at(-1);
      if (last !== undefined) this.#positions[partition] = last.offset + 1;
      if (records.length < limit) this.#behind.delete(partition);
      return records;
    });
  }

  #end(): void {
    this.#done = true;
    this.#page = [];
    this.#unsubscribe();
    for (const signal of this.#options.signals) signal.removeEventListener('abort', this.#stop);
    this.#wake();
  }
}
