import {
  type EdgeProps,
  type EdgeType,
  type NodeProps,
  type NodeType,
  edgeCatalogue,
} from '../../../schema/graph/catalogue.ts';
import type { OutgoingRecord } from '../../event-log/port.ts';
import { checkUnique } from '../catalogue-checks.ts';
import { refuseSeparator } from '../keyset.ts';
import { type Props, uniqueValues } from '../lists.ts';
import {
  type Direction,
  type FindNeighbours,
  type FindNodes,
  type GraphEdge,
  type GraphNode,
  type GraphTransaction,
  MissingNodeError,
  type Neighbour,
  type Page,
  UniqueConflictError,
  VersionConflictError,
} from '../port.ts';
import { type StoredProps, decodeNode, encodeProps } from './encoding.ts';
import { neo4jCode } from './failures.ts';
import { decodeEdge } from './neighbours.ts';
import { type Plan, type PlannedEdge, type PlannedNode } from './plan.ts';
import { CollisionError } from './read-set.ts';
import type { Neo4jReader } from './reader.ts';
import type { SharedReads } from './shared-reads.ts';
import type { CheckTopics, Neo4jTransaction } from './transaction.ts';

type Put = Parameters<GraphTransaction['put']>[0];
type Link = Parameters<GraphTransaction['link']>[0];
type Unlink = Parameters<GraphTransaction['unlink']>[0];

/** Things read and written, above which the database is told: a long transaction gains nothing by waiting for others. */
const sizeMax = 500;

export interface PlannedParts {
  readonly plan: Plan;
  readonly reads: SharedReads;
  /** For lists, which nobody else asks for at the same time. */
  readonly reader: Neo4jReader;
  readonly checkTopics: CheckTopics;
  /** Opens a transaction of the database in which everything so far is done, for the verbs that a plan cannot answer. */
  readonly enter: () => Promise<Neo4jTransaction>;
}

/**
 * The verbs of one transaction that the database hears of at its end only: reads are shared with other transactions, writes are kept in a plan, and
 * answers are what the database would give with them. Lists of what it wrote itself, and removals, it leaves to the database.
 */
export class PlannedTransaction implements GraphTransaction {
  readonly #parts: PlannedParts;
  readonly #busy = new Set<Promise<unknown>>();
  #inside: Promise<Neo4jTransaction> | null = null;
  #isOpen = true;
  #failure: { readonly error: unknown } | null = null;

  constructor(parts: PlannedParts) {
    this.#parts = parts;
  }

  /** What spoiled it, also where the author of the work caught that and went on. */
  get failure(): { readonly error: unknown } | null {
    return this.#failure;
  }

  end(): void {
    this.#isOpen = false;
  }

  get<T extends NodeType>(type: T, ids: readonly string[]): Promise<readonly (GraphNode<T> | null)[]> {
    return this.#do(
      async () => {
        const nodes = await Promise.all(ids.map((id) => this.#node(type, id)));
        return nodes.map((node) => judged(type, node));
      },
      (tx) => tx.get(type, ids),
    );
  }

  locate(ids: readonly string[]): Promise<readonly (NodeType | null)[]> {
    return this.#list(this.#parts.plan.rows.length > 0, (tx) => tx.locate(ids));
  }

  findUnique<T extends NodeType>(
    type: T,
    property: keyof NodeProps[T] & string,
    values: readonly string[],
  ): Promise<readonly (GraphNode<T> | null)[]> {
    return this.#do(
      async () => {
        checkUnique(type, property);
        const nodes = await Promise.all(values.map((value) => this.#holder(type, property, value)));
        return nodes.map((node) => node && judged(type, node));
      },
      (tx) => tx.findUnique(type, property, values),
    );
  }

  find<T extends NodeType>(query: FindNodes<T>): Promise<Page<GraphNode<T>>> {
    return this.#list(this.#parts.plan.writesNodesOf(query.type), (tx) => tx.find(query));
  }

  count<T extends NodeType>(type: T, where?: FindNodes<T>['where']): Promise<number> {
    return this.#list(this.#parts.plan.writesNodesOf(type), (tx) => tx.count(type, where));
  }

  edges<E extends EdgeType>(
    type: E,
    ends: readonly { from: string; to: string; key?: string }[],
  ): Promise<readonly (GraphEdge<E> | null)[]> {
    return this.#do(
      async () => {
        const edges = await Promise.all(ends.map((end) => this.#edge(type, { key: '', ...end })));
        return edges.map((edge) => edge.now && decodeEdge(type, edge, edge.now));
      },
      (tx) => tx.edges(type, ends),
    );
  }

  neighbours<E extends EdgeType>(query: FindNeighbours<E>): Promise<readonly Page<Neighbour<E>>[]> {
    return this.#list(this.#parts.plan.writesEdgesOf(query.edge), (tx) => tx.neighbours(query));
  }

  degrees<E extends EdgeType>(edge: E, direction: Direction, ids: readonly string[]): Promise<readonly number[]> {
    const { plan, reads } = this.#parts;
    return this.#do(
      async () => {
        const degrees = await Promise.all(ids.map((id) => reads.degree(edge, direction, id)));
        return ids.map((id, n) => plan.sawDegree({ edge, direction, id }, degrees[n] ?? 0));
      },
      (tx) => tx.degrees(edge, direction, ids),
    );
  }

  put<T extends NodeType>(node: {
    type: T;
    id: string;
    props: NodeProps[T];
    expectedVersion?: number;
  }): Promise<number> {
    return this.#do(
      () => this.#put(node),
      (tx) => tx.put(node),
    );
  }

  patch<T extends NodeType>(type: T, id: string, props: Partial<NodeProps[T]>): Promise<void> {
    return this.#do(
      () => this.#patch({ type, id, props }),
      (tx) => tx.patch(type, id, props),
    );
  }

  remove<T extends NodeType>(type: T, id: string): Promise<void> {
    return this.#list(true, (tx) => (tx as Neo4jTransaction).remove(type, id));
  }

  link<E extends EdgeType>(edge: {
    type: E;
    from: string;
    to: string;
    key?: string;
    props: EdgeProps[E];
  }): Promise<boolean> {
    return this.#do(
      () => this.#link(edge),
      (tx) => tx.link(edge),
    );
  }

  unlink<E extends EdgeType>(edge: { type: E; from: string; to: string; key?: string }): Promise<boolean> {
    return this.#do(
      () => this.#unlink(edge),
      (tx) => tx.unlink(edge),
    );
  }

  append(records: readonly OutgoingRecord[]): Promise<void> {
    return this.#do(
      async () => {
        await this.#parts.checkTopics(records);
        this.#checkOpen();
        this.#parts.plan.records.push(...records);
      },
      (tx) => tx.append(records),
    );
  }

  async #put({ type, id, props, expectedVersion }: Put): Promise<number> {
    refuseSeparator(id, `the id of a ${type}`);
    const encoded = encodeProps(props);
    const [node, holders] = await Promise.all([this.#node(type, id), this.#holders(type, props)]);
    node.isJudgedBy = true;
    const actual = (node.now?.['version'] as number | undefined) ?? 0;
    if (expectedVersion !== undefined && expectedVersion !== actual) {
      throw new VersionConflictError({ type, id, expected: expectedVersion, actual });
    }
    refuseHeld(type, id, holders);
    const version = actual + 1;
    const after = { ...encoded, id, version, _rev: this.#parts.plan.rev };
    this.#parts.plan.writeNode(node, after, changes(node.now ?? {}, after));
    return version;
  }

  async #patch({ type, id, props }: { type: NodeType; id: string; props: Props }): Promise<void> {
    const set = { ...encodeProps(props, { clears: true }), _rev: this.#parts.plan.rev };
    const [node, holders] = await Promise.all([this.#node(type, id), this.#holders(type, props)]);
    if (node.now === null) throw new MissingNodeError(id);
    refuseHeld(type, id, holders);
    const merged: StoredProps = { ...node.now, ...set };
    const after = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
    this.#parts.plan.writeNode(node, after, set);
  }

  async #link({ type, from, to, key = '', props }: Link): Promise<boolean> {
    refuseSeparator(key, `the key of ${type}`);
    if (from === to) throw new RangeError(`${type} must join two nodes, not ${from} to itself`);
    const stored = { ...encodeProps(props), key, _rev: this.#parts.plan.rev };
    const [start, end, edge] = await Promise.all([
      this.#node(edgeCatalogue[type].from, from),
      this.#node(edgeCatalogue[type].to, to),
      this.#edge(type, { from, to, key }),
    ]);
    if (start.now === null) throw new MissingNodeError(from);
    if (end.now === null) throw new MissingNodeError(to);
    const isNew = edge.now === null;
    this.#parts.plan.writeEdge(edge, stored);
    return isNew;
  }

  async #unlink({ type, from, to, key = '' }: Unlink): Promise<boolean> {
    const edge = await this.#edge(type, { from, to, key });
    if (edge.now === null) return false;
    this.#parts.plan.writeEdge(edge, null);
    return true;
  }

  async #node(type: NodeType, id: string): Promise<PlannedNode> {
    const { plan, reads } = this.#parts;
    return plan.knownNode(type, id) ?? plan.sawNode(type, id, await reads.node(type, 'id', id));
  }

  async #edge(type: EdgeType, ends: { from: string; to: string; key: string }): Promise<PlannedEdge> {
    const { plan, reads } = this.#parts;
    return plan.knownEdge(type, ends) ?? plan.sawEdge(type, ends, await reads.edge(type, ends));
  }

  /** Who has a unique value, with the transaction's own writes. */
  async #holder(type: NodeType, property: string, value: string): Promise<PlannedNode | null> {
    const { plan, reads } = this.#parts;
    const stored = await reads.node(type, property, value);
    const node = stored && plan.sawNode(type, stored['id'] as string, stored);
    if (node?.now?.[property] === value) return node;
    return plan.writtenWith(type, property, value);
  }

  #holders(type: NodeType, props: Props): Promise<readonly (readonly [string, PlannedNode | null])[]> {
    const unique = uniqueValues(type, props);
    return Promise.all(
      unique.map(async ({ property, value }) => [property, await this.#holder(type, property, String(value))] as const),
    );
  }

  /** A verb of a list: asked for directly where this transaction cannot have changed its answer. */
  #list<R>(isChanged: boolean, ask: (tx: Neo4jReader) => Promise<R>): Promise<R> {
    return isChanged ? this.#do(null, ask) : this.#do(() => ask(this.#parts.reader), ask);
  }

  async #do<R>(planned: (() => Promise<R>) | null, inside: (tx: Neo4jTransaction) => Promise<R>): Promise<R> {
    this.#checkOpen();
    try {
      if (planned === null || this.#parts.plan.size > sizeMax) this.#inside ??= this.#enter();
      if (this.#inside !== null) return await inside(await this.#inside);
      const done = (planned as () => Promise<R>)();
      this.#busy.add(done);
      return await done.finally(() => this.#busy.delete(done));
    } catch (error) {
      if (error instanceof CollisionError || neo4jCode(error) !== null) this.#failure ??= { error };
      throw error;
    }
  }

  async #enter(): Promise<Neo4jTransaction> {
    await Promise.allSettled(this.#busy);
    return this.#parts.enter();
  }

  #checkOpen(): void {
    if (this.#isOpen) return;
    throw new Error('this transaction has ended: nothing can be read or written through it any more');
  }
}

/** A node that its reader may decide by. */
function judged<T extends NodeType>(type: T, node: PlannedNode): GraphNode<T> | null {
  node.isJudgedBy = true;
  return node.now && decodeNode(type, node.now);
}

function refuseHeld(type: NodeType, id: string, holders: readonly (readonly [string, PlannedNode | null])[]): void {
  for (const [property, holder] of holders) {
    if (holder !== null && holder.id !== id) throw new UniqueConflictError(type, property);
  }
}

/** What must be set, with null for what goes, to make one out of the other. */
function changes(before: StoredProps, after: StoredProps): StoredProps {
  const set: Record<string, unknown> = {};
  for (const name of Object.keys(before)) if (!(name in after)) set[name] = null;
  for (const [name, value] of Object.entries(after)) {
    if (JSON.stringify(before[name]) !== JSON.stringify(value)) set[name] = value;
  }
  return set;
}
