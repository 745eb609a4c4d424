import { LogTables } from '../event-log/log-tables.ts';
import { translate } from '../sqlite/failures.ts';
import type { SqliteFile } from '../sqlite/sqlite-file.ts';
import { type GraphStore, type GraphTransaction, type Recommendation, StoreUnavailableError } from './port.ts';
import { recommend } from './recommend.ts';
import { relistIfChanged } from './relist.ts';
import { shortestPath } from './shortest-path.ts';
import { type Guard, TableReader } from './table-reader.ts';
import { TableTransaction, TransactionGuard } from './table-transaction.ts';

/** The operational graph as tables of the data file; transactions share commits with whoever else writes at that time. */
export class SqliteGraphStore extends TableReader implements GraphStore {
  readonly #file: SqliteFile;
  readonly #log: LogTables;
  readonly #guard: Guard;
  readonly #onClosed: () => Promise<void>;
  #closed = false;

  /** `onClosed` is called when the store has closed. Lists that the catalogue changed since are made anew here. */
  constructor(file: SqliteFile, options: { onClosed?: () => Promise<void> } = {}) {
    const guard: Guard = async (read) => this.#guarded(read);
    super(file.reader, guard);
    this.#file = file;
    this.#log = new LogTables(file.reader);
    this.#guard = guard;
    this.#onClosed = options.onClosed ?? (() => Promise.resolve());
    relistIfChanged(file.writer.connection);
  }

  transact<R>(work: (tx: GraphTransaction) => Promise<R>): Promise<R> {
    return this.#guarded(() =>
      this.#file.writer.submit(async (scope) => {
        const guard = new TransactionGuard(scope);
        const result = await work(new TableTransaction(scope, this.#log, guard));
        guard.rethrow();
        return result;
      }),
    );
  }

  recommend(query: Parameters<GraphStore['recommend']>[0]): Promise<readonly Recommendation[]> {
    return this.#guard(() => recommend(this.#file.reader, query));
  }

  shortestPath(query: Parameters<GraphStore['shortestPath']>[0]): Promise<readonly string[] | null> {
    return this.#guard(() => shortestPath(this.#file.reader, query));
  }

  /** Pages are overwritten as they are freed (`secure_delete`); what is left of them stands in the write-ahead log, which is emptied here. */
  purge(): Promise<void> {
    return this.#guarded(() =>
      this.#file.writer.between(({ db }) => {
        const [outcome] = db.pragma('wal_checkpoint(TRUNCATE)') as { readonly busy: number }[];
        if (outcome?.busy !== 0) throw new StoreUnavailableError('the data file is being read: purge again');
      }),
    );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#file.writer.idle();
    await this.#onClosed();
  }

  async #guarded<R>(operation: () => R | Promise<R>): Promise<R> {
    if (this.#closed || this.#file.closed.aborted) throw new StoreUnavailableError('the graph store is closed');
    try {
      return await operation();
    } catch (error) {
      throw translate(StoreUnavailableError, this.#file.path, error);
    }
  }
}
