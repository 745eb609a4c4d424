import { batchCharsMax } from '../../engines/event-log/port.ts';
import { InvalidRowError, type Warehouse } from '../../engines/warehouse/port.ts';
import { sha256Hex } from '../../schema/events/envelope.ts';
import type { RowText } from '../../schema/warehouse/row-text.ts';
import type { RowOf, TableName } from '../../schema/warehouse/tables.ts';

export interface InsertQueueOptions<T extends TableName> {
  readonly warehouse: Pick<Warehouse, 'insert'>;
  readonly table: T;
  /** How long a call may wait for others, in milliseconds. */
  readonly gatherMs: number;
  /** So many rows are enough to wait no longer. */
  readonly rowsMin: number;
}

/** Rows of one insert; fewer than a warehouse takes. */
export const insertRowsMax = 20_000;
/** Characters of them: an insert is one text, and a call alone may have as many as a batch ({@link batchCharsMax}). */
const insertCharsMax = 2 * batchCharsMax;

interface Call<T extends TableName> {
  readonly rows: readonly (RowOf<T> | RowText<T>)[];
  readonly token: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Puts the rows of several partitions into one insert: what an insert costs the warehouse (a part, its files and their fsync, its merges) is the same for ten rows
 * and for thousands. Its token is made of the tokens of all. Rows that come again in other company replace themselves.
 */
export class InsertQueue<T extends TableName> {
  readonly #options: InsertQueueOptions<T>;
  #waiting: Call<T>[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isRunning = false;

  constructor(options: InsertQueueOptions<T>) {
    this.#options = options;
  }

  /** Resolves when the rows are stored; rejects as `insert` does, with {@link InvalidRowError} only for rows of this call. */
  insert(rows: readonly (RowOf<T> | RowText<T>)[], token: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#waiting.push({ rows, token, resolve: () => resolve(undefined), reject });
    const count = this.#waiting.reduce((sum, call) => sum + call.rows.length, 0);
    if (count >= this.#options.rowsMin) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), this.#options.gatherMs);
    return promise;
  }

  #start(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // What comes while an insert runs goes with the next, which begins at once.
    while (this.#waiting.length > 0) await this.#insert(this.#take());
    this.#isRunning = false;
  }

  #take(): readonly Call<T>[] {
    let rows = 0;
    let chars = 0;
    const count = this.#waiting.findIndex((call) => {
      rows += call.rows.length;
      for (const row of call.rows) chars += typeof row === 'string' ? row.length : 0;
      return rows > insertRowsMax || chars > insertCharsMax;
    });
    return this.#waiting.splice(0, count === -1 ? this.#waiting.length : Math.max(1, count));
  }

  async #insert(calls: readonly Call<T>[]): Promise<void> {
    const { warehouse, table } = this.#options;
    const tokens = calls.map(({ token }) => token);
    const token = tokens.length === 1 ? (tokens[0] as string) : `${tokens.length}:${sha256Hex(tokens.join('\n'))}`;
    try {
      await warehouse.insert(
        table,
        calls.flatMap(({ rows }) => rows),
        token,
      );
      for (const { resolve } of calls) resolve();
    } catch (error) {
      if (!(error instanceof InvalidRowError) || calls.length === 1)
        return calls.forEach(({ reject }) => reject(error));
      // Whose row it is shows when each goes alone.
      for (const call of calls) await this.#insert([call]);
    }
  }
}
