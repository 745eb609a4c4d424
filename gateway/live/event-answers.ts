import type { Logger } from 'pino';
import type { LogRecord } from '../../engines/event-log/port.ts';
import type { Claims } from '../../runtime/identity.ts';
import type { DataObject } from '../execution/data.ts';
import type { Executor, PreparedExecution, Result } from '../execution/executor.ts';
import type { ChannelEvent } from './channel.ts';
import type { CursorSeal, Positions } from './cursor.ts';
import type { LiveOperation } from './live-operation.ts';
import type { Payload } from './live-stream.ts';

export interface EventAnswersOptions {
  readonly operation: LiveOperation;
  readonly prepared: PreparedExecution;
  readonly args: Readonly<Record<string, unknown>>;
  readonly executor: Executor;
  readonly seal: CursorSeal;
  readonly logger: Logger;
}

/** Turns records of the log into what subscribers of one operation read, live and in a replay alike. */
export class EventAnswers {
  readonly #options: EventAnswersOptions;

  constructor(options: EventAnswersOptions) {
    this.#options = options;
  }

  /** A record of the log as an event of the subscription; null where it is none. `positions` are those after the record. */
  eventOf(record: LogRecord, positions: () => Positions): ChannelEvent | null {
    const representation = this.represent(record);
    if (!representation) return null;
    const after = positions();
    const { partition, offset } = record;
    return { partition, offset, answer: (claims) => this.answer(representation, after, claims) };
  }

  /** Null for a record that the subscription did not ask for, or that cannot be read. */
  represent(record: LogRecord): DataObject | null {
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

  /** `positions` are those after the record. Null where the entity is not for this caller. Rejects when execution fails as a whole. */
  async answer(representation: DataObject, positions: Positions, claims: Claims | null): Promise<Payload | null> {
    const { executor, operation, prepared, seal } = this.#options;
    const data: DataObject = {};
    const asked = { ...prepared, request: { ...prepared.request, claims } };
    const result = await executor.run(asked, operation.step(representation), data);
    // Null where the subgraph answered: the entity is not for this caller. Undefined where it did not answer.
    if (data[operation.rootKey] === null) return null;
    const cursor = seal.write(positions);
    return { text: JSON.stringify(withCursor(result, cursor)), cursor, positions };
  }
}

/** Extensions come last, so that a subscriber's own can be added to the shared text. */
function withCursor({ data, errors }: Result, cursor: string): Result {
  return { ...(errors ? { errors } : {}), data: data ?? null, extensions: { cursor } };
}
