import type { Logger } from 'pino';
import type { EventLog, LogRecord } from '../../engines/event-log/port.ts';
import type { Positions } from './cursor.ts';
import { pause } from './pause.ts';

export interface TopicTailOptions {
  readonly log: EventLog;
  readonly topic: string;
  readonly logger: Logger;
}

/** `positions` gives those after the record; it is to be called at once or not at all. */
type Listener = (record: LogRecord, positions: () => Positions) => void;

/** A listener's place on a tail. */
export interface Listening {
  /** Where the tail is: every record before has been handed over. */
  readonly positions: () => Positions;
  readonly leave: () => void;
}

interface Run {
  readonly controller: AbortController;
  /** The next offset by partition, moved along in place. */
  readonly ready: Promise<number[]>;
}

const backoffMsMax = 5_000;

/**
 * Follows one topic for all who listen, from the moment the first one does until the last one leaves. An outage of the log is
 * waited out, and reading goes on where it stopped.
 */
export class TopicTail {
  readonly #options: TopicTailOptions;
  readonly #listeners = new Set<Listener>();
  #run: Run | null = null;

  constructor(options: TopicTailOptions) {
    this.#options = options;
  }

  /** Resolves once every record appended from now on will reach the listener. */
  async listen(listener: Listener): Promise<Listening> {
    this.#listeners.add(listener);
    this.#run ??= this.#start();
    const { ready } = this.#run;
    const leave = (): void => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.close();
    };
    try {
      const positions = await ready;
      return { positions: () => [...positions], leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  close(): void {
    this.#listeners.clear();
    this.#run?.controller.abort();
    this.#run = null;
  }

  #start(): Run {
    const controller = new AbortController();
    const ready = this.#options.log.ends(this.#options.topic).then((ends) => [...ends]);
    ready.then(
      (positions) => void this.#follow(positions, controller.signal),
      () => {
        // The listeners that wait for it are told; the next one tries again.
        if (this.#run?.controller === controller) this.#run = null;
      },
    );
    return { controller, ready };
  }

  async #follow(positions: number[], signal: AbortSignal): Promise<void> {
    const { log, topic, logger } = this.#options;
    const current = (): Positions => [...positions];
    for (let failures = 0; !signal.aborted;) {
      try {
        const from = positions.map((offset, partition) => ({ partition, offset }));
        for await (const record of log.tail({ topic, from, signal })) {
          failures = 0;
          positions[record.partition] = record.offset + 1;
          for (const listener of this.#listeners) listener(record, current);
        }
      } catch (error) {
        logger.warn({ err: error, topic }, 'following the log failed; trying again');
      }
      failures += 1;
      await pause(Math.min(50 * 2 ** failures, backoffMsMax), signal);
    }
  }
}
