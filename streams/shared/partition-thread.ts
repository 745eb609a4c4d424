import { Worker } from 'node:worker_threads';
import type { LogRecord } from '../../engines/event-log/port.ts';
import { type PackedOutgoing, type PackedRecords, packRecords, unpackOutgoing } from './packed-records.ts';
import type { Handled, Partitions } from './partitions.ts';

/** Where a thread finds a processor again. */
export interface ProcessorPlace {
  /** URL of a module. */
  readonly module: string;
  /** What it exports the processor as, or the function that makes it. */
  readonly name: string;
  /** What that function is given: values that can be copied to another thread. */
  readonly args?: readonly unknown[];
}

/** What a thread is told to do with a partition. */
export type Task =
  | { readonly kind: 'begin' | 'end'; readonly partition: number }
  | { readonly kind: 'restore' | 'handle'; readonly partition: number; readonly records: PackedRecords };

/** What a thread answers; to what has no result, nothing. */
export type PackedHandled = Omit<Handled, 'outgoing'> & { readonly outgoing: PackedOutgoing };

export interface Request {
  readonly number: number;
  readonly task: Task;
}

export interface Response {
  readonly number: number;
  readonly result?: PackedHandled | undefined;
  readonly error?: Error;
}

export interface ThreadStart {
  readonly place: ProcessorPlace;
  readonly changelog: string;
  readonly checksRows?: boolean;
}

interface Waiting {
  readonly resolve: (result: PackedHandled | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A processor's partitions on a thread of their own, so that handlers do not stop whatever else the process does: its API, its log, its other processors. A thread that dies takes its states with it: what
 * was asked of it is rejected, and whoever begins a partition again gets a new one.
 */
export class PartitionThread implements Partitions {
  readonly #start: ThreadStart;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #asked = 0;

  constructor(start: ThreadStart) {
    this.#start = start;
  }

  async begin(partition: number): Promise<void> {
    this.#worker ??= this.#open();
    await this.#ask({ kind: 'begin', partition });
  }

  async restore(partition: number, records: readonly LogRecord[]): Promise<void> {
    await this.#ask({ kind: 'restore', partition, records: packRecords(records) });
  }

  async handle(partition: number, records: readonly LogRecord[]): Promise<Handled> {
    const handled = await this.#ask({ kind: 'handle', partition, records: packRecords(records) });
    if (handled === undefined) throw new TypeError('a thread answered a batch without a result');
    return { ...handled, outgoing: unpackOutgoing(handled.outgoing) };
  }

  async end(partition: number): Promise<void> {
    if (this.#worker) await this.#ask({ kind: 'end', partition });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #open(): Worker {
    const worker = new Worker(new URL('./partition-worker.ts', import.meta.url), { workerData: this.#start });
    // Whoever waits for it holds the process by other means.
    worker.unref();
    worker.on('message', ({ number, result, error }: Response) => {
      const waiting = this.#waiting.get(number);
      this.#waiting.delete(number);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(error);
    });
    const lose = (error: unknown): void => {
      if (this.#worker === worker) this.#worker = null;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    worker.once('error', lose);
    worker.once('exit', () => lose(new Error('the thread of a processor has ended')));
    return worker;
  }

  #ask(task: Task): Promise<PackedHandled | undefined> {
    const worker = this.#worker;
    if (!worker) return Promise.reject(new Error('the thread of a processor has ended'));
    const number = (this.#asked += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      worker.postMessage({ number, task } satisfies Request);
    });
  }
}
