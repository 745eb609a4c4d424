import type { Logger } from 'pino';
import type { EventLog, LogRecord } from '../../engines/event-log/port.ts';

export interface TopicTailOptions {
  readonly log: EventLog;
  readonly topic: string;
  readonly logger: Logger;
}

type Listener = (record: LogRecord) => void;

const backoffMsMax = 5_000;

/**
 * Follows one topic for all who listen, from the moment the first one does until the last one leaves. An outage of the log is
 * waited out, and reading goes on where it stopped.
 */
export class TopicTail {
  readonly #options: TopicTailOptions;
  readonly #listeners = new Set<Listener>();
  #run: { readonly controller: AbortController; readonly ready: Promise<void> } | null = null;

  constructor(options: TopicTailOptions) {
    this.#options = options;
  }

  /** Resolves once every record appended from now on will reach the listener; call what it gives to leave. */
  async listen(listener: Listener): Promise<() => void> {
    this.#listeners.add(listener);
    this.#run ??= this.#start();
    const { ready } = this.#run;
    const leave = (): void => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.close();
    };
    try {
      await ready;
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  close(): void {
    this.#listeners.clear();
    this.#run?.controller.abort();
    this.#run = null;
  }

  #start(): { controller: AbortController; ready: Promise<void> } {
    const controller = new AbortController();
    const positions = this.#options.log
      .ends(this.#options.topic)
      .then((ends) => new Map(ends.map((offset, partition) => [partition, offset])));
    positions.then(
      (from) => void this.#follow(from, controller.signal),
      () => {
        // The listeners that wait for it are told; the next one tries again.
        if (this.#run?.controller === controller) this.#run = null;
      },
    );
    return { controller, ready: positions.then(() => {}) };
  }

  async #follow(positions: Map<number, number>, signal: AbortSignal): Promise<void> {
    const { log, topic, logger } = this.#options;
    for (let failures = 0; !signal.aborted;) {
      try {
        const from = [...positions].map(([partition, offset]) => ({ partition, offset }));
        for await (const record of log.tail({ topic, from, signal })) {
          failures = 0;
          positions.set(record.partition, record.offset + 1);
          for (const listener of this.#listeners) listener(record);
        }
      } catch (error) {
        logger.warn({ err: error, topic }, 'following the log failed; trying again');
      }
      failures += 1;
      await pause(Math.min(50 * 2 ** failures, backoffMsMax), signal);
    }
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', end, { once: true });
  });
}
