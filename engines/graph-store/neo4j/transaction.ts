import type { NodeType } from '../../../schema/graph/catalogue.ts';
import type { OutgoingRecord } from '../../event-log/port.ts';
import type { Props } from '../lists.ts';
import type { GraphTransaction } from '../port.ts';
import type { Run } from './cypher.ts';
import { neo4jCode } from './failures.ts';
import { type CommitMark, storeRecords } from './outbox.ts';
import { CollisionError, type LockRef, ReadSet } from './read-set.ts';
import { Neo4jReader } from './reader.ts';
import { linkEdge, unlinkEdge } from './write-edges.ts';
import { patchNode, putNode, removeNode } from './write-nodes.ts';

type Put = Parameters<GraphTransaction['put']>[0];
type Link = Parameters<GraphTransaction['link']>[0];
type Unlink = Parameters<GraphTransaction['unlink']>[0];

/** Rejects records of topics that the event log does not have. */
export type CheckTopics = (records: readonly OutgoingRecord[]) => Promise<void>;

/** One attempt at a transaction: whether it is still open, and what spoiled it. */
export class Attempt {
  readonly reads: ReadSet;
  readonly run: Run;
  #open = true;
  #wrote = false;
  #failure: { readonly error: unknown } | null = null;

  constructor(run: Run, reads = new ReadSet()) {
    this.reads = reads;
    this.run = async (cypher, parameters) => {
      if (!this.#open) {
        throw new Error('this transaction has ended: nothing can be read or written through it any more');
      }
      try {
        return await run(cypher, parameters);
      } catch (error) {
        this.#failure ??= { error };
        throw error;
      }
    };
  }

  get open(): boolean {
    return this.#open;
  }

  /** A storage failure or a collision spoils the attempt, even where its author caught the error and went on. */
  async writing<R>(write: () => Promise<R>): Promise<R> {
    this.#wrote = true;
    try {
      return await write();
    } catch (error) {
      if (error instanceof CollisionError || neo4jCode(error) !== null) this.#failure ??= { error };
      throw error;
    }
  }

  /** Takes the locks that earlier attempts collided on, before anything is read. */
  async lockFirst(refs: readonly LockRef[]): Promise<void> {
    const byLabels = Map.groupBy(refs, ({ labels }) => labels);
    for (const [labels, each] of [...byLabels].sort(([a], [b]) => (a < b ? -1 : 1))) {
      await this.run(`MATCH (n:${labels}) WHERE n.id IN $ids WITH n ORDER BY n.id REMOVE n._lock`, {
        ids: each.map(({ id }) => id),
      });
    }
  }

  /** Says that something was written that did not go through {@link writing}. */
  noteWritten(): void {
    this.#wrote = true;
  }

  /** Everything that remains before the commit: compares what was read, stores the records. Null where nothing was written. */
  async finish(records: readonly OutgoingRecord[]): Promise<CommitMark | null> {
    if (this.#failure !== null) throw this.#failure.error;
    if (!this.#wrote && records.length === 0) return null;
    const [mark] = await Promise.all([storeRecords(this.run, records), this.reads.validate(this.run)]);
    return mark;
  }

  end(): void {
    this.#open = false;
  }
}

/** The verbs of one transaction. Its records wait here until its end. */
export class Neo4jTransaction extends Neo4jReader implements GraphTransaction {
  readonly records: OutgoingRecord[];
  readonly #attempt: Attempt;
  readonly #checkTopics: CheckTopics;

  constructor(attempt: Attempt, checkTopics: CheckTopics, records: readonly OutgoingRecord[] = []) {
    super(attempt.run, attempt.reads);
    this.records = [...records];
    this.#attempt = attempt;
    this.#checkTopics = checkTopics;
  }

  put(node: Put): Promise<number> {
    return this.#attempt.writing(() => putNode(this.#attempt, { ...node, props: node.props }));
  }

  patch(type: NodeType, id: string, props: object): Promise<void> {
    return this.#attempt.writing(() => patchNode(this.#attempt, { type, id, props: props as Props }));
  }

  remove(type: NodeType, id: string): Promise<void> {
    return this.#attempt.writing(() => removeNode(this.#attempt, { type, id }));
  }

  link(edge: Link): Promise<boolean> {
    return this.#attempt.writing(() => linkEdge(this.#attempt, { key: '', ...edge, props: edge.props }));
  }

  unlink(edge: Unlink): Promise<boolean> {
    return this.#attempt.writing(() => unlinkEdge(this.#attempt, { key: '', ...edge }));
  }

  async append(records: readonly OutgoingRecord[]): Promise<void> {
    await this.#checkTopics(records);
    if (!this.#attempt.open) throw new Error('this transaction has ended: nothing can be appended any more');
    this.records.push(...records);
  }
}
