import type { TopicSpec } from '../../schema/topics.ts';
import type { TableName } from '../../schema/warehouse/tables.ts';

/** What is appended. Records of one key keep their order; `partition` overrides the key's own (clock ticks use it). */
export interface OutgoingRecord {
  readonly topic: string;
  readonly key: string;
  /** Names the record for ever. An engine that can drops a repetition; consumers must cope with one all the same. */
  readonly id: string;
  /** JSON text; null deletes the key on a compacted topic. */
  readonly value: string | null;
  /** The table that whoever wrote `value` has checked it to be a row of. An engine may hand that on to consumers in the same process. */
  readonly rowOf?: TableName | undefined;
  readonly partition?: number | undefined;
}

export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly id: string;
  readonly value: string | null;
  /** The table that `value` is known to be a row of, where somebody in this process has checked it. */
  readonly rowOf?: TableName | undefined;
  /** Milliseconds since the Unix epoch at which the log took the record. */
  readonly appendedAtMs: number;
}

export interface AppendResult {
  readonly partition: number;
  readonly offset: number;
  /** True where the log already held a record of this topic and id; nothing was stored, the old place is told. */
  readonly duplicate: boolean;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface RecordBatch extends TopicPartition {
  /** In offset order, never empty. */
  readonly records: readonly LogRecord[];
}

/** Characters of the values of a batch beyond which it takes up no more records: what is made of a batch as one text must not become longer than a text can be, nor fill the memory. */
export const batchCharsMax = 32_000_000;

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** At most this many records in a batch, fewer where they are long ({@link batchCharsMax}). */
  readonly batchMax: number;
  /** How long a batch may wait to grow once it has its first record (on an engine whose commits take longer than that, as long as they take, 100 ms at most); 0 hands it over at once. */
  readonly lingerMs?: number;
  /**
   * Whether a full batch may be handed over while the one before it is handled or commits: for handlers that do nothing but compute what they return, one batch after the other. Where the one before does not
   * commit, neither does this one.
   */
  readonly handlesAhead?: boolean;
  /** Whether the handler keeps nothing from one batch to the next, so that giving a partition to another member costs nothing. */
  readonly isStateless?: boolean;
  /** Called before the first batch of a partition; restore state here. A rejection gives the partition back and retries. */
  onAssigned?(partition: TopicPartition): Promise<void>;
  /** Called after the last batch of a partition that this member loses, also on close. */
  onRevoked?(partition: TopicPartition): Promise<void>;
  /**
   * Handles one batch; partitions may be handled at the same time, batches of one partition never are. What it returns is appended in
   * the same transaction as the batch's offsets. A rejection commits nothing: the batch comes again after a backoff,
   * `onRevoked` and `onAssigned` before it, so that state in memory is thrown away and restored. The signal aborts when the partition is
   * lost to another member: what the handler would return can no longer be committed.
   */
  onBatch(batch: RecordBatch, signal: AbortSignal): Promise<readonly OutgoingRecord[]>;
  /** Told of every rejection of the callbacks and of every outage; the consumer goes on by itself. */
  onError(error: unknown, where: TopicPartition | null): void;
}

export interface LogConsumer {
  /** Lets the batches in flight finish and commit, gives the partitions back, then resolves. */
  close(): Promise<void>;
}

/** Where reading starts: everything that is there, only what comes from now on, or a given next offset for every partition. */
export type StartPosition = 'start' | 'end' | readonly { readonly partition: number; readonly offset: number }[];

export interface PartitionLag extends TopicPartition {
  readonly committed: number;
  readonly end: number;
  readonly lag: number;
}

/**
 * An append-only log of partitioned topics. Errors: `UnknownTopicError` for a topic that `ensureTopics` was never called
 * with; `LogUnavailableError` for outages (callers may retry).
 */
export interface EventLog {
  /** Whether consumers are told what `rowOf` says of a record: where they are not, nobody need find it out. */
  readonly passesRowOf: boolean;
  /** Makes topics that are absent. An existing topic with fewer partitions than asked for is a `TopicError` that names both. */
  ensureTopics(specs: readonly TopicSpec[]): Promise<void>;
  /** Number of partitions of a topic. */
  partitionsOf(topic: string): Promise<number>;
  /** Durable when it resolves; all records or none. */
  append(records: readonly OutgoingRecord[]): Promise<readonly AppendResult[]>;
  /** Joins a group. Each partition is handled by one member at a time; one that lost its partition cannot commit. */
  consume(options: ConsumeOptions): Promise<LogConsumer>;
  /** Follows a topic without a group and without an end, until `return()` or the signal, either of which frees it at once. */
  tail(options: { topic: string; from: StartPosition; signal?: AbortSignal }): AsyncIterableIterator<LogRecord>;
  /** At most `limit` committed records of one partition from an offset on; fewer at its end. */
  read(options: TopicPartition & { from: number; limit: number }): Promise<readonly LogRecord[]>;
  /** The next offset of each partition, in partition order. */
  ends(topic: string): Promise<readonly number[]>;
  /** How far a group is behind, per partition that exists in the topics. `TopicError` where a topic no longer has what the group is to go on after. */
  lag(group: string, topics: readonly string[]): Promise<readonly PartitionLag[]>;
  /** Whether a group has members now, in this process or another. One that was killed stays a member until its session ends. */
  hasMembers(group: string): Promise<boolean>;
  close(): Promise<void>;
}

export class UnknownTopicError extends Error {
  override readonly name = 'UnknownTopicError';
  constructor(topic: string) {
    super(`topic ${topic} does not exist: it must be in schema/topics.ts and be made with ensureTopics at start`);
  }
}

/** A topic that is there and is not what is needed: nothing is changed of it. The message is for the operator: it says what to do. */
export class TopicError extends Error {
  override readonly name = 'TopicError';
}

export class LogUnavailableError extends Error {
  override readonly name = 'LogUnavailableError';
}
