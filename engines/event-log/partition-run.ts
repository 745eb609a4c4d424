import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { backOff } from './backoff.ts';
import type { ConsumeOptions, LogRecord, OutgoingRecord, TopicPartition } from './port.ts';

/** Records to handle together. */
export interface Given {
  /** Where there are none, only the group's offset moves. */
  readonly records: readonly LogRecord[];
  /** The offset behind them, control records included. */
  readonly next: number;
}

/** What a log does for whoever owns a partition, until a failure or the end of the ownership. */
export interface Holding {
  /** The next batch, waited for, and a full one while others are not committed yet, so that they grow meanwhile; null when the partition is asked back. */
  next(leaving: AbortSignal): Promise<Given | null>;
  /** Appends the outputs and moves the group's offset there, together. Batches are committed in their order. Must reject with {@link lostTo} where the signal has aborted by then. */
  commit(outputs: readonly OutgoingRecord[], next: number, lost: AbortSignal): Promise<void>;
  /** Called when nothing is asked of it any more. */
  end(): void;
}

export interface RunDeps {
  /** Takes up the partition where its last owner's last commit left it; that owner can commit no more. */
  readonly hold: (where: TopicPartition) => Promise<Holding>;
  readonly onError: (error: unknown, where: TopicPartition) => void;
  /** How long a handler in flight may hold up the partition's next owner, in milliseconds. */
  readonly revokeMsMax: number;
  /** The end of this member's last run of the partition: its callbacks come one after the other. */
  readonly after?: Promise<void> | undefined;
}

/** Why a batch that came too late is not committed. */
export function lostTo({ topic, partition }: TopicPartition): Error {
  return new Error(`partition ${partition} of ${topic} was given to another member: this batch is handled there`);
}

/** One member's ownership of one partition, from assignment to revocation. Never owned again: the next owner gets a new one. */
export class PartitionRun {
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

  /** The partition is given away already, or the log is gone. */
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
    let holding: Holding | null = null;
    let assigned = false;
    let failed = false;
    try {
      holding = await this.#deps.hold(this.#where);
      await this.#options.onAssigned?.(this.#where);
      assigned = true;
      await this.#consume(holding);
    } catch (error) {
      failed = true;
      this.#deps.onError(error, this.#where);
    }
    holding?.end();
    if (assigned) await this.#revoke();
    return failed;
  }

  async #consume(holding: Holding): Promise<void> {
    const { handlesAhead = false } = this.#options;
    const failed = new AbortController();
    const ending = AbortSignal.any([this.#leaving.signal, failed.signal]);
    let committing = Promise.resolve();
    try {
      for (;;) {
        const given = await holding.next(ending);
        if (given === null) break;
        const before = committing;
        committing = this.#commit(holding, given, { handled: this.#handle(given), before });
        committing.catch(() => failed.abort());
        // One batch may be handled while the one before it is handled or commits. A handler that is through by now commits before the next one begins.
        await (handlesAhead ? Promise.all([before, nextTurn()]) : committing);
      }
    } catch (error) {
      // Nothing of it may be under way when the partition is taken up anew.
      await committing.catch(() => undefined);
      throw error;
    }
    await committing;
  }

  async #handle({ records }: Given): Promise<readonly OutgoingRecord[]> {
    if (records.length === 0) return [];
    const outputs = await this.#options.onBatch({ ...this.#where, records }, this.#lost.signal);
    return outputs;
  }

  /** Commits a batch after what it follows from, or not at all. Does not settle before that has. */
  async #commit(
    holding: Holding,
    { next }: Given,
    { handled, before }: { readonly handled: Promise<readonly OutgoingRecord[]>; readonly before: Promise<void> },
  ): Promise<void> {
    const [earlier, outputs] = await Promise.allSettled([before, handled]);
    if (earlier.status === 'rejected') throw earlier.reason;
    if (outputs.status === 'rejected') throw outputs.reason;
    await holding.commit(outputs.value, next, this.#lost.signal);
    this.#failures = 0;
  }

  async #revoke(): Promise<void> {
    try {
      await this.#options.onRevoked?.(this.#where);
    } catch (error) {
      this.#deps.onError(error, this.#where);
    }
  }
}
