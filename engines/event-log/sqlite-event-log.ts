import type { TopicSpec } from '../../schema/topics.ts';
import { translate } from '../sqlite/failures.ts';
import type { SqliteFile } from '../sqlite/sqlite-file.ts';
import { ConsumerGroup } from './consumer-group.ts';
import { LogTables } from './log-tables.ts';
import {
  type AppendResult,
  type ConsumeOptions,
  type EventLog,
  type LogConsumer,
  type LogRecord,
  LogUnavailableError,
  type OutgoingRecord,
  type PartitionLag,
  type StartPosition,
  type TopicPartition,
} from './port.ts';
import { Tail } from './tail.ts';

const expiryEveryMs = 3_600_000;

export interface SqliteEventLogOptions {
  /** How long a handler in flight may hold up its partition's next owner, in milliseconds; then it can commit no more. */
  readonly revokeMsMax?: number;
  /** Called once when the log has closed. */
  readonly onClosed?: () => Promise<void>;
}

/** The event log as tables of the data file. Groups live in this process: it is the only one on the file. */
export class SqliteEventLog implements EventLog {
  readonly passesRowOf = true;
  readonly #file: SqliteFile;
  readonly #tables: LogTables;
  readonly #options: SqliteEventLogOptions;
  readonly #groups = new Map<string, ConsumerGroup>();
  readonly #consumers = new Set<LogConsumer>();
  readonly #closing = new AbortController();
  /** Topics of which records expire. */
  readonly #expiring = new Map<string, TopicSpec>();
  #expiry: NodeJS.Timeout | null = null;
  #closed: Promise<void> | null = null;

  constructor(file: SqliteFile, options: SqliteEventLogOptions = {}) {
    this.#file = file;
    this.#tables = new LogTables(file.reader);
    this.#options = options;
  }

  ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    return this.#guard(() =>
      this.#file.writer.submit(({ connection }) => {
        for (const spec of specs) this.#tables.create(connection, spec);
        this.#tables.dropOldTombstones(connection, Date.now());
      }),
    ).then(() => this.#expire(specs));
  }

  /** Now, and every hour from now on. */
  async #expire(specs: readonly TopicSpec[]): Promise<void> {
    for (const spec of specs) if (spec.keptDays !== undefined) this.#expiring.set(spec.name, spec);
    if (this.#expiring.size === 0) return;
    await this.#guard(() => this.#dropExpired());
    // A failure is told by whatever else the log is asked: an hour later it is tried again.
    this.#expiry ??= setInterval(() => void this.#dropExpired().catch(() => undefined), expiryEveryMs).unref();
  }

  #dropExpired(): Promise<void> {
    return this.#file.writer.submit(({ connection }) =>
      this.#tables.dropExpired(connection, [...this.#expiring.values()], Date.now()),
    );
  }

  partitionsOf(topic: string): Promise<number> {
    return this.#guard(() => this.#tables.topic(topic).partitions);
  }

  append(records: readonly OutgoingRecord[]): Promise<readonly AppendResult[]> {
    return this.#guard(() => this.#file.writer.submit((scope) => this.#tables.append(scope, records)));
  }

  consume(options: ConsumeOptions): Promise<LogConsumer> {
    return this.#guard(() => {
      if (!Number.isInteger(options.batchMax) || options.batchMax < 1)
        throw new RangeError(`batchMax must be 1 or more, not ${options.batchMax}`);
      const group = this.#groups.get(options.group) ?? this.#newGroup();
      this.#groups.set(options.group, group);
      const member = group.join(options);
      const consumer = { close: () => member.close().finally(() => this.#consumers.delete(consumer)) };
      this.#consumers.add(consumer);
      return consumer;
    });
  }

  tail(options: { topic: string; from: StartPosition; signal?: AbortSignal }): AsyncIterableIterator<LogRecord> {
    const { topic, from, signal } = options;
    const signals = [this.#closing.signal, this.#file.closed, ...(signal ? [signal] : [])];
    return new Tail({
      tables: this.#tables,
      commits: this.#file.commits,
      topic,
      from,
      signals,
      translate: this.#translate,
    });
  }

  read(options: TopicPartition & { from: number; limit: number }): Promise<readonly LogRecord[]> {
    return this.#guard(() => this.#tables.read(options));
  }

  ends(topic: string): Promise<readonly number[]> {
    return this.#guard(() => this.#tables.streams(topic).map((stream) => this.#tables.end(stream)));
  }

  lag(group: string, topics: readonly string[]): Promise<readonly PartitionLag[]> {
    return this.#guard(() =>
      topics.flatMap((topic) =>
        this.#tables.streams(topic).map((stream, partition) => {
          const end = this.#tables.end(stream);
          const committed = this.#tables.committed(null, group, stream);
          return { topic, partition, committed, end, lag: end - committed };
        }),
      ),
    );
  }

  hasMembers(group: string): Promise<boolean> {
    return this.#guard(() => this.#groups.get(group)?.hasMembers ?? false);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    if (this.#expiry) clearInterval(this.#expiry);
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
    await this.#options.onClosed?.();
  }

  #newGroup(): ConsumerGroup {
    const { revokeMsMax = 30_000 } = this.#options;
    return new ConsumerGroup({ file: this.#file, tables: this.#tables, translate: this.#translate, revokeMsMax });
  }

  readonly #translate = (error: unknown): unknown => translate(LogUnavailableError, this.#file.path, error);

  async #guard<R>(operation: () => R | Promise<R>): Promise<R> {
    if (this.#closing.signal.aborted || this.#file.closed.aborted)
      throw new LogUnavailableError('the event log is closed');
    try {
      return await operation();
    } catch (error) {
      throw this.#translate(error);
    }
  }
}
