import { setTimeout as sleep } from 'node:timers/promises';
import { backOff } from '../backoff.ts';
import type { ConsumeOptions, LogRecord, OutgoingRecord, TopicPartition } from '../port.ts';
import type { Cursor, FetchLoop } from './fetch-loop.ts';
import { type PlacedRecord, Transactions } from './transactions.ts';
import type { Wire } from './wire.ts';

/** Batches that are read ahead per partition. */
const aheadBatches = 2;
const aheadRecordsMin = 200;

export interface RunDeps {
  readonly wire: Wire;
  readonly fetchLoop: FetchLoop;
  /** Finds each record's partition; rejects for topics that nobody made. */
  readonly place: (records: readonly OutgoingRecord[]) => Promise<readonly PlacedRecord[]>;
  /** Rejects where the group no longer counts this member in: who is out must not fence its heirs. */
  readonly confirmMembership: () => Promise<void>;
  readonly translate: (error: unknown) => unknown;
  readonly revokeMsMax: number;
  /** The end of this member's last run of the partition: its callbacks come one after the other. */
  readonly after?: Promise<void> | undefined;
}

/**
 * One member's ownership of one partition, from assignment to revocation. Each attempt opens the transactional id of the group's partition
 * first: from then on no earlier owner can commit, and the committed offset is final.
 */
export class KafkaPartitionRun {
  readonly #options: ConsumeOptions;
  readonly #where: TopicPartition;
  readonly #deps: RunDeps;
  /** Aborted when the partition is asked back: nothing new begins. */
  readonly #leaving = new AbortController();
  /** Aborted when it is taken away: nothing may be committed any more. */
  readonly #lost = new AbortController();
  /** Resolves when no callback of this run is under way, and none will be. */
  readonly finished: Promise<void>;
  #failures = 0;

  constructor(options: ConsumeOptions, where: TopicPartition, deps: RunDeps) {
    this.#options = options;
    this.#where = where;
    this.#deps = deps;
    this.finished = this.#run();
  }

  /** Resolves when the partition is free: its handler is through, or its time is up and whatever it returns will be refused. */
  async release(): Promise<void> {
    this.#leaving.abort();
    const through = new AbortController();
    const timeUp = sleep(this.#deps.revokeMsMax, undefined, { signal: through.signal }).catch(() => undefined);
    await Promise.race([this.finished, timeUp]);
    through.abort();
    this.#lost.abort();
  }

  /** The group has given the partition away already. */
  drop(): void {
    this.#lost.abort();
    this.#leaving.abort();
  }

  async #run(): Promise<void> {
    await this.#deps.after;
    while (!this.#leaving.signal.aborted) {
      if (await this.#attempt()) await backOff(++this.#failures, this.#leaving.signal);
    }
  }

  /** Owns the partition until it is asked back or something fails; true when something failed. */
  async #attempt(): Promise<boolean> {
    let assigned = false;
    let failed = false;
    try {
      const { group } = this.#options;
      const { topic, partition } = this.#where;
      await this.#deps.confirmMembership();
      const transactions = await Transactions.open(this.#deps.wire, `${group}-${topic}-${partition}`);
      const [committed] = await this.#deps.wire.committed(group, topic, [partition]);
      await this.#options.onAssigned?.(this.#where);
      assigned = true;
      await this.#consume(transactions, committed ?? 0);
    } catch (error) {
      failed = true;
      this.#report(error);
    }
    if (assigned) await this.#revoke();
    return failed;
  }

  async #consume(transactions: Transactions, committed: number): Promise<void> {
    const inbox = new Inbox(this.#where, committed, this.#options.batchMax);
    const { fetchLoop } = this.#deps;
    fetchLoop.add(inbox);
    try {
      for (;;) {
        const records = await inbox.next(this.#options, this.#leaving.signal, () => fetchLoop.wake());
        if (records === null) return;
        const outputs = records.length === 0 ? [] : await this.#handle(records);
        await this.#commit(transactions, outputs, inbox.handled);
        this.#failures = 0;
      }
    } finally {
      fetchLoop.remove(inbox);
    }
  }

  #handle(records: readonly LogRecord[]): Promise<readonly OutgoingRecord[]> {
    return this.#options.onBatch({ ...this.#where, records }, this.#lost.signal);
  }

  async #commit(transactions: Transactions, outputs: readonly OutgoingRecord[], next: number): Promise<void> {
    const placed = await this.#deps.place(outputs);
    if (this.#lost.signal.aborted) {
      throw new Error(
        `partition ${this.#where.partition} of ${this.#where.topic} was given to another member: this batch is handled there`,
      );
    }
    await transactions.commit(placed, { group: this.#options.group, ...this.#where, next });
  }

  async #revoke(): Promise<void> {
    try {
      await this.#options.onRevoked?.(this.#where);
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    const told = this.#deps.translate(error);
    if (told !== null) this.#options.onError(told, this.#where);
  }
}

/** Records of a partition that were read and not handled yet. */
class Inbox implements Cursor {
  readonly topic: string;
  readonly partition: number;
  position: number;
  /** The offset after everything that was given out, control records included. */
  handled: number;
  readonly #roomFor: number;
  #records: LogRecord[] = [];
  #news: () => void = () => undefined;

  constructor({ topic, partition }: TopicPartition, from: number, batchMax: number) {
    this.topic = topic;
    this.partition = partition;
    this.position = from;
    this.handled = from;
    this.#roomFor = Math.max(aheadRecordsMin, batchMax * aheadBatches);
  }

  wants(): boolean {
    return this.#records.length < this.#roomFor;
  }

  take(records: readonly LogRecord[]): void {
    for (const record of records) this.#records.push(record);
    this.#news();
  }

  /**
   * The next batch; an empty one when only control records came, so that the group's offset goes past them; null when the partition is
   * asked back.
   */
  async next(
    { batchMax, lingerMs = 0 }: Pick<ConsumeOptions, 'batchMax' | 'lingerMs'>,
    leaving: AbortSignal,
    onRoom: () => void,
  ): Promise<readonly LogRecord[] | null> {
    let dueMs: number | null = null;
    while (!leaving.aborted) {
      const there = this.#records.length;
      if (there >= batchMax || (there > 0 && (lingerMs === 0 || (dueMs !== null && Date.now() >= dueMs)))) {
        const records = this.#records.splice(0, batchMax);
        const first = this.#records[0];
        this.handled = first === undefined ? this.position : first.offset;
        onRoom();
        return records;
      }
      if (there === 0 && this.position > this.handled) {
        this.handled = this.position;
        return [];
      }
      if (there > 0) dueMs ??= Date.now() + lingerMs;
      await this.#wait(dueMs, leaving);
    }
    return null;
  }

  #wait(dueMs: number | null, leaving: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = dueMs === null ? undefined : setTimeout(() => done(), Math.max(1, dueMs - Date.now()));
      const done = (): void => {
        clearTimeout(timer);
        leaving.removeEventListener('abort', done);
        this.#news = () => undefined;
        resolve();
      };
      this.#news = done;
      leaving.addEventListener('abort', done);
    });
  }
}
