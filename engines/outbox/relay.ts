import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { backOff } from '../event-log/backoff.ts';
import type { OutgoingRecord } from '../event-log/port.ts';
import type {
  ClaimedShard,
  HeldShard,
  Outbox,
  OutboxDepth,
  OutboxLog,
  OutboxRecord,
  OutboxWriter,
  ShardPlace,
} from './port.ts';

export interface RelayOptions {
  readonly outbox: Outbox;
  readonly log: OutboxLog;
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

/** What a relay appends with now. */
interface NamedWriter extends OutboxWriter {
  readonly name: string;
}

/** The log has more of a shard than the store ever gave it. The message is for the operator. */
export class OlderStoreError extends Error {
  override readonly name = 'OlderStoreError';
}

/**
 * Carries the outbox to the event log, each record once and each key in order. The log takes records together with the places that they bring their shards to; the
 * store's own note of them follows. Whoever takes a shard over fences its earlier writers first and asks the log how far they came, so that neither a relay that
 * was killed at any instant nor one that wakes up too late loses or repeats anything.
 */
export class OutboxRelay {
  readonly #options: Required<RelayOptions>;
  readonly #stopping = new AbortController();
  #wake: () => void = () => undefined;
  #held: readonly HeldShard[] = [];
  #source: string | null = null;
  #writer: NamedWriter | null = null;
  /** Names under which this relay appended and does no more. */
  #former: string[] = [];
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
    const { outbox, leaseMs } = this.#options;
    // Opened before it is written into any lease: whoever reads it there can fence it.
    const writer = (this.#writer ??= await this.#openWriter());
    const nowMs = performance.now();
    if (nowMs >= this.#renewAtMs) {
      await this.#claim(writer);
      this.#renewAtMs = nowMs + leaseMs / 3;
    }
    if (this.#held.length === 0) return 0;
    const waiting = await outbox.waiting(this.#held, batchMax);
    if (waiting.length > 0) await this.#carry(writer, waiting);
    if (nowMs >= this.#pruneAtMs) {
      await outbox.prune();
      this.#pruneAtMs = nowMs + pruneEveryMs;
    }
    return waiting.length;
  }

  async #openWriter(): Promise<NamedWriter> {
    const { outbox, log } = this.#options;
    const source = (this.#source ??= await outbox.source());
    const name = randomUUID();
    const writer = await log.openWriter({ source, writer: name });
    return { name, append: (records, places) => writer.append(records, places) };
  }

  async #claim({ name }: NamedWriter): Promise<void> {
    const { outbox, leaseMs } = this.#options;
    const claimed = await outbox.claim(name, leaseMs, this.#former);
    this.#former = [];
    const taken = claimed.filter(({ writers }) => writers.length > 0);
    if (taken.length > 0) await this.#takeOver(taken);
    this.#held = claimed.map(({ shard, fence }) => ({ shard, fence }));
  }

  async #takeOver(taken: readonly ClaimedShard[]): Promise<void> {
    const { outbox, log } = this.#options;
    // Until it is settled nothing of these may be carried.
    this.#held = [];
    const writers = [...new Set(taken.flatMap((each) => each.writers))];
    const places = await log.takeOver({ source: this.#source ?? '', writers, shards: taken.map(({ shard }) => shard) });
    const known = taken.map(({ shard, fence, last }, n): ShardPlace => {
      const seq = places[n] ?? 0;
      if (seq > last) {
        throw new OlderStoreError(
          `the event log has ${seq} records of shard ${shard} of the outbox, the store has ${last}: it is an older copy. Restore the newest, or start with new topics (EVENT_LOG_PREFIX)`,
        );
      }
      return { shard, fence, seq };
    });
    await outbox.settle(known);
  }

  async #carry(writer: NamedWriter, waiting: readonly OutboxRecord[]): Promise<void> {
    const places = this.#placesOf(waiting);
    const records = waiting.filter(({ topic }) => topic !== '');
    try {
      if (records.length > 0) await writer.append(records.map(outgoing), places);
      await this.#options.outbox.carried(places);
    } catch (error) {
      // What became of it only the log can say: the shards are taken over from this very relay, under another name.
      this.#former.push(writer.name);
      this.#writer = null;
      this.#held = [];
      this.#renewAtMs = 0;
      throw error;
    }
  }

  #placesOf(records: readonly OutboxRecord[]): ShardPlace[] {
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

function outgoing({ topic, key, id, value, partition }: OutboxRecord): OutgoingRecord {
  return { topic, key, id, value, ...(partition === undefined ? {} : { partition }) };
}
