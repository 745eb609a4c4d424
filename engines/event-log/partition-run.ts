import type { SqliteFile } from '../sqlite/sqlite-file.ts';
import { backOff } from './backoff.ts';
import type { LogTables } from './log-tables.ts';
import type { ConsumeOptions, LogRecord, OutgoingRecord, RecordBatch, TopicPartition } from './port.ts';

export interface RunDeps {
  readonly file: SqliteFile;
  readonly tables: LogTables;
  readonly translate: (error: unknown) => unknown;
  /** How long a handler in flight may hold up the partition's next owner. */
  readonly revokeMsMax: number;
}

/** One member's ownership of one partition, from assignment to revocation. Never owned again: the next owner gets a new one. */
export class PartitionRun {
  readonly #options: ConsumeOptions;
  readonly #where: TopicPartition;
  readonly #deps: RunDeps;
  readonly #stream: number;
  /** Aborted when the partition is asked back: nothing new begins. */
  readonly #leaving = new AbortController();
  /** Aborted when it is taken away: nothing may be committed any more. */
  readonly #lost = new AbortController();
  readonly #finished: Promise<void>;
  #position = 0;
  #failures = 0;

  constructor(options: ConsumeOptions, where: TopicPartition, deps: RunDeps) {
    this.#options = options;
    this.#where = where;
    this.#deps = deps;
    this.#stream = deps.tables.stream(where.topic, where.partition);
    deps.file.closed.addEventListener('abort', this.#onFileClosed);
    this.#finished = this.#run().finally(() => deps.file.closed.removeEventListener('abort', this.#onFileClosed));
  }

  /** Resolves when the partition is free: its handler is through, or its time is up and whatever it returns will be refused. */
  async release(): Promise<void> {
    this.#leaving.abort();
    let timer: NodeJS.Timeout | undefined;
    const timeUp = new Promise<void>((resolve) => (timer = setTimeout(resolve, this.#deps.revokeMsMax)));
    await Promise.race([this.#finished, timeUp]);
    clearTimeout(timer);
    this.#lost.abort();
  }

  readonly #onFileClosed = (): void => {
    this.#lost.abort();
    this.#leaving.abort();
  };

  async #run(): Promise<void> {
    while (!this.#leaving.signal.aborted) {
      if (await this.#attempt()) await backOff(++this.#failures, this.#leaving.signal);
    }
  }

  /** Owns the partition until it is asked back or something fails; true when something failed. */
  async #attempt(): Promise<boolean> {
    let assigned = false;
    let failed = false;
    try {
      this.#position = await this.#restorePosition();
      await this.#options.onAssigned?.(this.#where);
      assigned = true;
      await this.#consume();
    } catch (error) {
      failed = true;
      this.#report(error);
    }
    if (assigned) await this.#revoke();
    return failed;
  }

  /** Asked of the writer, so that it comes after a commit of the partition's last owner that is still on its way. */
  #restorePosition(): Promise<number> {
    const { file, tables } = this.#deps;
    return file.writer.submit(({ connection }) => tables.committed(connection, this.#options.group, this.#stream));
  }

  async #consume(): Promise<void> {
    for (;;) {
      const records = await this.#nextRecords();
      const last = records.at(-1);
      if (last === undefined) return;
      const batch: RecordBatch = { ...this.#where, records };
      const outputs = await this.#options.onBatch(batch, this.#lost.signal);
      await this.#commit(outputs, last.offset + 1);
      this.#position = last.offset + 1;
      this.#failures = 0;
    }
  }

  async #commit(outputs: readonly OutgoingRecord[], next: number): Promise<void> {
    const { file, tables } = this.#deps;
    await file.writer.submit(({ connection, touched }) => {
      if (this.#lost.signal.aborted) {
        throw new Error(
          `partition ${this.#where.partition} of ${this.#where.topic} was given to another member: this batch is handled there`,
        );
      }
      tables.append(connection, outputs, touched);
      tables.commit(connection, this.#options.group, this.#stream, next);
    });
  }

  /** The next batch; empty when the partition is asked back. */
  async #nextRecords(): Promise<readonly LogRecord[]> {
    const { tables } = this.#deps;
    const { batchMax, lingerMs = 0 } = this.#options;
    let deadline: AbortSignal | null = null;
    while (!this.#leaving.signal.aborted) {
      const there = tables.end(this.#stream) - this.#position;
      const due = there >= batchMax || deadline?.aborted === true || lingerMs === 0;
      if (there > 0 && due) {
        const records = tables.read({ ...this.#where, from: this.#position, limit: batchMax });
        if (records.length > 0) return records;
        // Compaction removed everything up to the end.
        this.#position = tables.end(this.#stream);
        continue;
      }
      if (there > 0) deadline ??= AbortSignal.timeout(lingerMs);
      await this.#news(deadline);
    }
    return [];
  }

  #news(deadline: AbortSignal | null): Promise<void> {
    const signals = [this.#leaving.signal, ...(deadline ? [deadline] : [])];
    return new Promise((resolve) => {
      const wake = (): void => {
        unsubscribe();
        for (const signal of signals) signal.removeEventListener('abort', wake);
        resolve();
      };
      const unsubscribe = this.#deps.file.commits.subscribe([this.#stream], wake);
      for (const signal of signals) signal.addEventListener('abort', wake);
    });
  }

  async #revoke(): Promise<void> {
    try {
      await this.#options.onRevoked?.(this.#where);
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    if (!this.#deps.file.closed.aborted) this.#options.onError(this.#deps.translate(error), this.#where);
  }
}
