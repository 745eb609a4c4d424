import type { EventLog, OutgoingRecord } from '../event-log/port.ts';

/** A record that was committed with the state that it tells of, and waits to be carried to the event log. */
export interface OutboxRecord extends OutgoingRecord {
  readonly shard: number;
  /** Counts up within the shard in the order of the commits. */
  readonly seq: number;
}

/** Of an outbox. A store that is in use keeps its number of shards: keys are spread over them. */
export const shardsCount = 16;

/** A shard that this relay may carry, until its lease ends. Whoever claims it later has a higher fence. */
export interface HeldShard {
  readonly shard: number;
  readonly fence: number;
}

/** A place within a shard: the number of its last record that was carried. */
export interface ShardPlace extends HeldShard {
  readonly seq: number;
}

export interface ClaimedShard extends HeldShard {
  /** Number of its newest record. */
  readonly last: number;
  /** Writers that held it before and may still be about to append: nothing of it may be carried until they are fenced and that is noted with `settle`. */
  readonly writers: readonly string[];
}

export interface OutboxDepth {
  /** Committed records that the event log does not have yet. */
  readonly records: number;
  /** Age of the oldest of them in milliseconds, 0 where there is none. */
  readonly ageMs: number;
}

/** The outbox of an operational store, split into shards by key: one relay at a time carries a shard, so that a key keeps its order. */
export interface Outbox {
  /** Names the store for ever: a copy of it has the same name, an empty one another. */
  source(): Promise<string>;
  /** Claims the shards whose lease is free, or was held by one of these former writers, and renews those that this writer holds. */
  claim(writer: string, leaseMs: number, former: readonly string[]): Promise<readonly ClaimedShard[]>;
  /** Notes that no earlier writer can append any more, and how far each shard is carried where that is further than was known. Does nothing under an old fence. */
  settle(places: readonly ShardPlace[]): Promise<void>;
  /** Records of these shards that have not been carried, in order within each, at most about `limit` of them. */
  waiting(held: readonly HeldShard[], limit: number): Promise<readonly OutboxRecord[]>;
  /** Notes that a shard is carried up to this place. Does nothing under a fence that is no longer the newest. */
  carried(places: readonly ShardPlace[]): Promise<void>;
  /** Removes what was carried long enough ago. */
  prune(): Promise<void>;
  /** Gives back shards that nothing is being appended of, so that another relay need not wait for the lease to end. */
  release(held: readonly HeldShard[]): Promise<void>;
  depth(): Promise<OutboxDepth>;
}

/** What a relay appends with, by a name of its own. */
export interface OutboxWriter {
  /** Appends records with the places that they bring their shards to, together or not at all. Of no more use after a rejection: only `takeOver` tells what became of it. */
  append(records: readonly OutgoingRecord[], places: readonly ShardPlace[]): Promise<void>;
}

/** An event log as the end of an outbox: it knows of each record that it has it, whatever became of whoever brought it. */
export interface OutboxLog {
  /** A writer is opened once: a name that was fenced is given to nobody again. */
  openWriter(names: { readonly source: string; readonly writer: string }): Promise<OutboxWriter>;
  /** Fences writers; once it resolves, what they had under way is decided. Tells how far the log has each of these shards, null where it does not know or drops repetitions itself. */
  takeOver(request: {
    readonly source: string;
    readonly writers: readonly string[];
    readonly shards: readonly number[];
  }): Promise<readonly (number | null)[]>;
}

/** A log that drops what comes again under the same id needs no places. */
export function droppingRepetitions(eventLog: Pick<EventLog, 'append'>): OutboxLog {
  return {
    openWriter: async () => ({
      async append(records) {
        await eventLog.append(records);
      },
    }),
    takeOver: async ({ shards }) => shards.map(() => null),
  };
}
