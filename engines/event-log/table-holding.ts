import type { SqliteFile } from '../sqlite/sqlite-file.ts';
import type { LogTables } from './log-tables.ts';
import { type Given, type Holding, lostTo } from './partition-run.ts';
import { type ConsumeOptions, type OutgoingRecord, type TopicPartition, batchCharsMax } from './port.ts';

export interface TableDeps {
  readonly file: SqliteFile;
  readonly tables: LogTables;
}

/** Holds a partition of the log in SQLite. */
export async function holdTable(options: ConsumeOptions, where: TopicPartition, deps: TableDeps): Promise<Holding> {
  const { file, tables } = deps;
  const stream = tables.stream(where.topic, where.partition);
  // Asked of the writer, so that it comes after a commit of the partition's last owner that is still on its way.
  const position = await file.writer.submit(({ connection }) => tables.committed(connection, options.group, stream));
  return new TableHolding({ options, where, stream, deps }, position);
}

interface Place {
  readonly options: ConsumeOptions;
  readonly where: TopicPartition;
  readonly stream: number;
  readonly deps: TableDeps;
}

class TableHolding implements Holding {
  readonly #place: Place;
  /** Behind the batch that was given out last. */
  #position: number;
  /** Batches that were given out and are not committed yet. */
  #uncommitted = 0;
  #wake: () => void = () => undefined;

  constructor(place: Place, position: number) {
    this.#place = place;
    this.#position = position;
  }

  async next(leaving: AbortSignal): Promise<Given | null> {
    const { deps, options, stream, where } = this.#place;
    const { batchMax, lingerMs = 0 } = options;
    let deadline: AbortSignal | null = null;
    while (!leaving.aborted) {
      const there = deps.tables.end(stream) - this.#position;
      const isDue = this.#uncommitted === 0 && (deadline?.aborted === true || lingerMs === 0);
      if (there > 0 && (there >= batchMax || isDue)) {
        const records = deps.tables.read({ ...where, from: this.#position, limit: batchMax, charsMax: batchCharsMax });
        const last = records.at(-1);
        // Without one, compaction removed everything up to the end.
        this.#position = last ? last.offset + 1 : deps.tables.end(stream);
        if (!last) continue;
        this.#uncommitted += 1;
        return { records, next: this.#position };
      }
      if (there > 0 && lingerMs > 0) deadline ??= AbortSignal.timeout(lingerMs);
      await this.#news(leaving, deadline);
    }
    return null;
  }

  async commit(outputs: readonly OutgoingRecord[], next: number, lost: AbortSignal): Promise<void> {
    const { deps, options, stream, where } = this.#place;
    await deps.file.writer.submit((scope) => {
      if (lost.aborted) throw lostTo(where);
      deps.tables.appendOutputs(scope, outputs);
      deps.tables.commit(scope.connection, options.group, stream, next);
    });
    this.#uncommitted -= 1;
    this.#wake();
  }

  end(): void {
    // Nothing is kept open between batches.
  }

  #news(leaving: AbortSignal, deadline: AbortSignal | null): Promise<void> {
    const { deps, stream } = this.#place;
    const signals = [leaving, ...(deadline ? [deadline] : [])];
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wake = () => undefined;
        unsubscribe();
        for (const signal of signals) signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake = wake;
      const unsubscribe = deps.file.commits.subscribe([stream], wake);
      for (const signal of signals) signal.addEventListener('abort', wake);
    });
  }
}
