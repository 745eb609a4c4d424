import type { EventLog, LogRecord, StartPosition } from '../../engines/event-log/port.ts';

/** As much of an event log as live subscriptions use, in an array of one partition. Everything else refuses. */
export class ArrayLog implements EventLog {
  readonly passesRowOf = false;
  readonly records: LogRecord[] = [];
  /** Tails that are open. */
  tails = 0;
  /** Makes the next reads of a tail fail. */
  failures = 0;
  #wake = new Set<() => void>();

  add(value: unknown): void {
    const offset = this.records.length;
    this.records.push({
      topic: 'vcos.events',
      partition: 0,
      offset,
      key: '',
      id: String(offset),
      value: JSON.stringify(value),
      appendedAtMs: 0,
    });
    this.wake();
  }

  wake(): void {
    for (const wake of this.#wake) wake();
    this.#wake.clear();
  }

  async read({ from, limit }: { from: number; limit: number }): Promise<readonly LogRecord[]> {
    return this.records.filter(({ offset }) => offset >= from).slice(0, limit);
  }

  async ends(): Promise<readonly number[]> {
    return [(this.records.at(-1)?.offset ?? -1) + 1];
  }

  tail(options: { topic: string; from: StartPosition; signal?: AbortSignal }): AsyncIterableIterator<LogRecord> {
    let offset = Array.isArray(options.from) ? ((options.from as { offset: number }[])[0]?.offset ?? 0) : 0;
    let open = true;
    this.tails += 1;
    const end = (): void => {
      if (open) this.tails -= 1;
      open = false;
      this.wake();
    };
    options.signal?.addEventListener('abort', end);
    const iterator: AsyncIterableIterator<LogRecord> = {
      next: async () => {
        while (open && offset >= this.records.length && this.failures === 0)
          await new Promise<void>((resolve) => this.#wake.add(resolve));
        if (this.failures > 0) {
          this.failures -= 1;
          end();
          throw new Error('the log is away');
        }
        const record = this.records[offset];
        if (!open || !record) return { done: true, value: undefined };
        offset += 1;
        return { done: false, value: record };
      },
      return: async () => {
        end();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  ensureTopics = refuse;
  partitionsOf = refuse;
  append = refuse;
  consume = refuse;
  lag = refuse;
  hasMembers = refuse;
  async close(): Promise<void> {}
}

async function refuse(): Promise<never> {
  throw new Error('an array log only has tail, read and ends');
}
