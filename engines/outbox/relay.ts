import { setTimeout as sleep } from 'node:timers/promises';
import { backOff } from '../event-log/backoff.ts';
import type { EventLog } from '../event-log/port.ts';
import type { HeldShard, Outbox, OutboxDepth, OutboxRecord } from './port.ts';

export interface RelayOptions {
  readonly outbox: Outbox;
  readonly eventLog: Pick<EventLog, 'append'>;
  /** Told of every failure; the relay goes on by itself. */
  readonly onError: (error: unknown) => void;
  /** How long another relay waits after this one has died. */
  readonly leaseMs?: number;
  /** How often it looks for what other processes committed. */
  readonly pollMs?: number;
}

const batchMax = 1_000;
const pruneEveryMs = 5_000;
const settleMsMax = 5_000;

/**
 * Carries the outbox to the event log: appends a batch, then notes how far it came. Killed in between it carries the batch again, so a record
 * can come twice, under the same id; a key's first appearances keep their order.
 */
export class OutboxRelay {
  readonly #options: Required<RelayOptions>;
  readonly #stopping = new AbortController();
  #wake: () => void = () => undefined;
  #held: readonly HeldShard[] = [];
  #renewAtMs = 0;
  #pruneAtMs = 0;
  #running: Promise<void> | null = null;

  constructor(options: RelayOptions) {
    this.#options = { leaseMs: 5_000, pollMs: 50, ...options };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Says that something was committed here and now. */
  nudge(): void {
    this.#wake();
  }

  /** Resolves when everything that was committed before the call is in the event log, whoever carries it. */
  async settled(): Promise<void> {
    while (!this.#stopping.signal.aborted && (await this.depth()).records > 0) {
      this.nudge();
      await sleep(2);
    }
  }

  depth(): Promise<OutboxDepth> {
    return this.#options.outbox.depth();
  }

  /** Carries what waits, for a few seconds at most, then gives its shards back. */
  async close(): Promise<void> {
    if (this.#running === null) return;
    await Promise.race([this.settled().catch(this.#options.onError), sleep(settleMsMax, undefined, { ref: false })]);
    this.#stopping.abort();
    this.nudge();
    await this.#running;
    await this.#options.outbox.release(this.#held).catch(this.#options.onError);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted;) {
      try {
        const carried = await this.#step();
        failures = 0;
        if (carried === 0) await this.#rest();
      } catch (error) {
        failures += 1;
        this.#options.onError(error);
        await backOff(failures, signal);
      }
    }
  }

  async #step(): Promise<number> {
    const { outbox, eventLog, leaseMs } = this.#options;
    const nowMs = performance.now();
    if (nowMs >= this.#renewAtMs) {
      this.#held = await outbox.claim(leaseMs);
      this.#renewAtMs = nowMs + leaseMs / 3;
    }
    if (this.#held.length === 0) return 0;
    const waiting = await outbox.waiting(this.#held, batchMax);
    const records = waiting.filter(({ topic }) => topic !== '');
    if (records.length > 0) await eventLog.append(records.map(outgoing));
    if (waiting.length > 0) await outbox.carried(this.#placesOf(waiting));
    if (nowMs >= this.#pruneAtMs) {
      await outbox.prune();
      this.#pruneAtMs = nowMs + pruneEveryMs;
    }
    return waiting.length;
  }

  #placesOf(records: readonly OutboxRecord[]): (HeldShard & { seq: number })[] {
    const last = new Map(records.map(({ shard, seq }) => [shard, seq]));
    return this.#held.flatMap((held) => {
      const seq = last.get(held.shard);
      return seq === undefined ? [] : [{ ...held, seq }];
    });
  }

  /** Waits for a nudge, but no longer than until it is time to look. */
  async #rest(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#wake = () => resolve(undefined);
    const timer = setTimeout(this.#wake, this.#options.pollMs);
    timer.unref();
    await promise;
    clearTimeout(timer);
    this.#wake = () => undefined;
  }
}

function outgoing({ topic, key, id, value, partition }: OutboxRecord): Parameters<EventLog['append']>[0][number] {
  return { topic, key, id, value, ...(partition === undefined ? {} : { partition }) };
}
