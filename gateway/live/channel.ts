import type { Logger } from 'pino';
import type { LogRecord } from '../../engines/event-log/port.ts';
import type { Claims } from '../../runtime/identity.ts';
import type { DataObject } from '../execution/data.ts';
import type { Executor, PreparedExecution, Result } from '../execution/executor.ts';
import type { LiveOperation } from './live-operation.ts';
import type { LiveStream } from './live-stream.ts';

export interface ChannelOptions {
  readonly operation: LiveOperation;
  readonly prepared: PreparedExecution;
  readonly args: Readonly<Record<string, unknown>>;
  readonly executor: Executor;
  readonly logger: Logger;
  /** Events that may wait for their execution; then the oldest goes. */
  readonly backlogMax: number;
}

/** One execution per event for everybody who watches the same thing with the same rights, in the order of the log. */
export class Channel {
  readonly #options: ChannelOptions;
  readonly #streams = new Set<LiveStream>();
  readonly #backlog: DataObject[] = [];
  #claims: Claims | null;
  #running = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#claims = options.prepared.request.claims;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Callers of one channel differ in nothing but how long their tokens last: the one that lasts longest is passed on. */
  add(stream: LiveStream, claims: Claims | null): void {
    this.#streams.add(stream);
    if (claims && this.#claims && claims.expiresAt > this.#claims.expiresAt) this.#claims = claims;
  }

  remove(stream: LiveStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size === 0) this.#backlog.length = 0;
  }

  closeAll(): void {
    for (const stream of this.#streams) stream.close();
  }

  onRecord(record: LogRecord): void {
    const representation = this.#represent(record);
    if (!representation) return;
    this.#backlog.push(representation);
    if (this.#backlog.length > this.#options.backlogMax) {
      this.#backlog.shift();
      for (const stream of this.#streams) stream.drop(1);
    }
    if (!this.#running) void this.#drain();
  }

  #represent(record: LogRecord): DataObject | null {
    try {
      return this.#options.operation.source.represent(record.value, this.#options.args);
    } catch (error) {
      // What cannot be read is a dead letter for the processors; a live reader passes it over.
      this.#options.logger.warn(
        { err: error, topic: record.topic, partition: record.partition, offset: record.offset },
        'a live record could not be read',
      );
      return null;
    }
  }

  async #drain(): Promise<void> {
    this.#running = true;
    try {
      for (let next = this.#backlog.shift(); next; next = this.#backlog.shift()) await this.#deliver(next);
    } finally {
      this.#running = false;
    }
  }

  async #deliver(representation: DataObject): Promise<void> {
    const { executor, operation, logger } = this.#options;
    const prepared = {
      ...this.#options.prepared,
      request: { ...this.#options.prepared.request, claims: this.#claims },
    };
    try {
      const data: DataObject = {};
      const result = await executor.run(prepared, operation.step(representation), data);
      // Null where the subgraph answered: the entity is not for this caller. Undefined where it did not answer.
      if (data[operation.rootKey] === null) return;
      const payload = { text: JSON.stringify(withoutExtensions(result)) };
      for (const stream of this.#streams) stream.push(payload);
    } catch (error) {
      logger.error({ err: error }, 'a live event could not be answered');
      for (const stream of this.#streams) stream.drop(1);
    }
  }
}

/** Subscribers add extensions of their own to the shared text. */
function withoutExtensions({ data, errors }: Result): Result {
  return { ...(errors ? { errors } : {}), data: data ?? null };
}
