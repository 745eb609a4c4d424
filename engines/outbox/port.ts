import type { OutgoingRecord } from '../event-log/port.ts';

/** A record that was committed with the state that it tells of, and waits to be carried to the event log. */
export interface OutboxRecord extends OutgoingRecord {
  readonly shard: number;
  /** Counts up within the shard in the order of the commits. */
  readonly seq: number;
}

/** A shard that this relay may carry, until its lease ends. Whoever claims it later has a higher fence. */
export interface HeldShard {
  readonly shard: number;
  readonly fence: number;
}

export interface OutboxDepth {
  /** Committed records that the event log does not have yet. */
  readonly records: number;
  /** Age of the oldest of them in milliseconds, 0 where there is none. */
  readonly ageMs: number;
}

/** The outbox of an operational store, split into shards by key: one relay at a time carries a shard, so that a key keeps its order. */
export interface Outbox {
  /** Claims the shards whose lease is free and renews those that are held. */
  claim(leaseMs: number): Promise<readonly HeldShard[]>;
  /** Records of these shards that have not been carried, in order within each, at most about `limit` of them. */
  waiting(held: readonly HeldShard[], limit: number): Promise<readonly OutboxRecord[]>;
  /** Notes that a shard is carried up to this place. Does nothing under a fence that is no longer the newest. */
  carried(places: readonly (HeldShard & { readonly seq: number })[]): Promise<void>;
  /** Removes what was carried long enough ago. */
  prune(): Promise<void>;
  /** Gives the shards back, so that another relay need not wait for the lease to end. */
  release(held: readonly HeldShard[]): Promise<void>;
  depth(): Promise<OutboxDepth>;
}
