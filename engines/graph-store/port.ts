import type { EdgeProps, EdgeType, NodeProps, NodeType } from '../../schema/graph/catalogue.ts';
import type { OutgoingRecord } from '../event-log/port.ts';

/** A node as stored. `version` starts at 1 and grows by one with every `put`. */
export interface GraphNode<T extends NodeType = NodeType> {
  readonly type: T;
  readonly id: string;
  readonly version: number;
  readonly props: NodeProps[T];
}

/** An edge as stored, unique by (type, from, to, key). `key` tells parallel edges of one type apart and is often ''. */
export interface GraphEdge<E extends EdgeType = EdgeType> {
  readonly type: E;
  readonly from: string;
  readonly to: string;
  readonly key: string;
  readonly props: EdgeProps[E];
}

export type Direction = 'out' | 'in' | 'both';
export type Order = 'asc' | 'desc';

/** A position in an ordered list: the ordering property's value and the id that breaks ties. Opaque outside the adapters. */
export interface Keyset {
  readonly value: string | number;
  readonly id: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Keyset of each item, in the same order. */
  readonly keysets: readonly Keyset[];
  readonly hasMore: boolean;
}

export interface FindNodes<T extends NodeType> {
  readonly type: T;
  /** Equality on indexed properties; all must hold. A `readonly string[]` property matches when it contains the value. */
  readonly where?: Partial<Record<keyof NodeProps[T] & string, string | number>>;
  /** An indexed property. */
  readonly orderBy: keyof NodeProps[T] & string;
  readonly order: Order;
  readonly after?: Keyset;
  readonly limit: number;
}

export interface FindNeighbours<E extends EdgeType> {
  readonly edge: E;
  readonly direction: Direction;
  readonly ids: readonly string[];
  /** Equality on edge properties. */
  readonly where?: Partial<Record<keyof EdgeProps[E] & string, string | number>>;
  /** An edge property; ties by the neighbour's id, then the edge's key. */
  readonly orderBy: keyof EdgeProps[E] & string;
  readonly order: Order;
  readonly after?: Keyset;
  readonly limit: number;
}

export interface Neighbour<E extends EdgeType> {
  /** The node at the other end. */
  readonly id: string;
  readonly edge: GraphEdge<E>;
}

/** A candidate two hops away, with the people in between: the reason for the recommendation. */
export interface Recommendation {
  readonly id: string;
  /** Sum over paths of the product of both edges' weights. */
  readonly score: number;
  readonly via: readonly string[];
}

/** Reads, batch-first: answers are in the order of the ids asked for. */
export interface GraphReader {
  get<T extends NodeType>(type: T, ids: readonly string[]): Promise<readonly (GraphNode<T> | null)[]>;
  /** The type of each id, null where no node has it. */
  locate(ids: readonly string[]): Promise<readonly (NodeType | null)[]>;
  /** Nodes by a property that the catalogue declares unique. */
  findUnique<T extends NodeType>(
    type: T,
    property: keyof NodeProps[T] & string,
    values: readonly string[],
  ): Promise<readonly (GraphNode<T> | null)[]>;
  find<T extends NodeType>(query: FindNodes<T>): Promise<Page<GraphNode<T>>>;
  count<T extends NodeType>(type: T, where?: FindNodes<T>['where']): Promise<number>;
  edges<E extends EdgeType>(
    type: E,
    ends: readonly { from: string; to: string; key?: string }[],
  ): Promise<readonly (GraphEdge<E> | null)[]>;
  neighbours<E extends EdgeType>(query: FindNeighbours<E>): Promise<readonly Page<Neighbour<E>>[]>;
  degrees<E extends EdgeType>(edge: E, direction: Direction, ids: readonly string[]): Promise<readonly number[]>;
}

/** A transaction: sees its own writes; nothing is visible outside before it commits. */
export interface GraphTransaction extends GraphReader {
  /**
   * Writes a node whole. `expectedVersion` 0 demands that it is new; a number demands that version; absent takes any.
   * Returns the new version. Errors: {@link VersionConflictError}, {@link UniqueConflictError}.
   */
  put<T extends NodeType>(node: {
    type: T;
    id: string;
    props: NodeProps[T];
    expectedVersion?: number;
  }): Promise<number>;
  /** Changes properties without a new version: for bookkeeping that clients never see a version of. */
  patch<T extends NodeType>(type: T, id: string, props: Partial<NodeProps[T]>): Promise<void>;
  /** Removes a node with all its edges; does nothing where there is none. */
  remove<T extends NodeType>(type: T, id: string): Promise<void>;
  /** Makes or overwrites an edge between two different nodes; both must exist. True when it is new. */
  link<E extends EdgeType>(edge: {
    type: E;
    from: string;
    to: string;
    key?: string;
    props: EdgeProps[E];
  }): Promise<boolean>;
  /** True when there was one. */
  unlink<E extends EdgeType>(edge: { type: E; from: string; to: string; key?: string }): Promise<boolean>;
  /** Appends to the event log when, and only when, the transaction commits. */
  append(records: readonly OutgoingRecord[]): Promise<void>;
}

/**
 * The operational graph. `transact` may run its function again after a conflict between transactions, so that the function must do nothing
 * but read and write through its argument; it must not await other I/O and must not call `transact` of the same store inside.
 */
export interface GraphStore extends GraphReader {
  transact<R>(work: (tx: GraphTransaction) => Promise<R>): Promise<R>;
  /**
   * People two hops away over undirected edges of one type, best first: without direct neighbours, and without those who are
   * linked, either way, by an edge of an `exclude` type.
   */
  recommend(query: {
    edge: EdgeType;
    weight?: string;
    exclude: readonly EdgeType[];
    id: string;
    limit: number;
  }): Promise<readonly Recommendation[]>;
  /** The ids of one shortest path over undirected edges of these types, both ends included; null beyond `maxDepth` edges. */
  shortestPath(query: {
    edges: readonly EdgeType[];
    from: string;
    to: string;
    maxDepth: number;
  }): Promise<readonly string[] | null>;
  /**
   * Resolves when nothing that was overwritten or removed before can be found in the store's files. Absent where an engine's files are
   * beyond this process: then whoever runs that engine sees to it.
   */
  purge?(): Promise<void>;
  close(): Promise<void>;
}

export class VersionConflictError extends Error {
  override readonly name = 'VersionConflictError';
  readonly actual: number;
  constructor(what: { type: string; id: string; expected: number; actual: number }) {
    super(
      `${what.type} ${what.id} is at version ${what.actual}, not ${what.expected}: read it again and repeat the change`,
    );
    this.actual = what.actual;
  }
}

export class UniqueConflictError extends Error {
  override readonly name = 'UniqueConflictError';
  readonly property: string;
  constructor(type: string, property: string) {
    super(`another ${type} already has this ${property}`);
    this.property = property;
  }
}

export class MissingNodeError extends Error {
  override readonly name = 'MissingNodeError';
  constructor(id: string) {
    super(`node ${id} does not exist`);
  }
}

export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}
