import type { NodeType } from '../../schema/graph/catalogue.ts';
import type { LogTables } from '../event-log/log-tables.ts';
import type { OutgoingRecord } from '../event-log/port.ts';
import { sqliteCode } from '../sqlite/failures.ts';
import type { WriteScope } from '../sqlite/writer.ts';
import type { Props } from './lists.ts';
import type { GraphTransaction } from './port.ts';
import { TableReader } from './table-reader.ts';
import { linkEdge, unlinkEdge } from './write-edges.ts';
import { patchNode, putNode, removeNode } from './write-nodes.ts';

type Put = Parameters<GraphTransaction['put']>[0];
type Link = Parameters<GraphTransaction['link']>[0];
type Unlink = Parameters<GraphTransaction['unlink']>[0];

/** Every operation of one transaction goes through here. */
export class TransactionGuard {
  readonly #scope: WriteScope;
  #failure: { readonly error: unknown } | null = null;

  constructor(scope: WriteScope) {
    this.#scope = scope;
  }

  readonly run = async <R>(operation: () => R): Promise<R> => {
    if (!this.#scope.open) {
      throw new Error('this transaction has ended: nothing can be read or written through it any more');
    }
    try {
      return operation();
    } catch (error) {
      if (sqliteCode(error) !== null) this.#failure = { error };
      throw error;
    }
  };

  /** A storage failure in mid-operation spoils the transaction, even where its author caught the error and went on. */
  rethrow(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}

/** The verbs of one transaction, on the writer's connection. */
export class TableTransaction extends TableReader implements GraphTransaction {
  readonly #scope: WriteScope;
  readonly #log: LogTables;
  readonly #run: TransactionGuard['run'];

  constructor(scope: WriteScope, log: LogTables, guard: TransactionGuard) {
    super(scope.connection, guard.run);
    this.#scope = scope;
    this.#log = log;
    this.#run = guard.run;
  }

  put(node: Put): Promise<number> {
    return this.#run(() => putNode(this.#scope.connection, { ...node, props: node.props }));
  }

  patch(type: NodeType, id: string, props: object): Promise<void> {
    return this.#run(() => patchNode(this.#scope.connection, { type, id, props: props as Props }));
  }

  remove(type: NodeType, id: string): Promise<void> {
    return this.#run(() => removeNode(this.#scope.connection, { type, id }));
  }

  link(edge: Link): Promise<boolean> {
    return this.#run(() => linkEdge(this.#scope.connection, { key: '', ...edge, props: edge.props }));
  }

  unlink(edge: Unlink): Promise<boolean> {
    return this.#run(() => unlinkEdge(this.#scope.connection, { key: '', ...edge }));
  }

  append(records: readonly OutgoingRecord[]): Promise<void> {
    return this.#run(() => void this.#log.append(this.#scope, records));
  }
}
