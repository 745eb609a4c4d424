import { randomInt } from 'node:crypto';
import type { EdgeType, NodeType } from '../../../schema/graph/catalogue.ts';
import type { OutgoingRecord } from '../../event-log/port.ts';
import { uniqueValues } from '../lists.ts';
import type { Direction } from '../port.ts';
import type { StoredProps } from './encoding.ts';

/** The `_rev` of what does not exist. */
export const none = -1;

/** A node as the transaction sees it. */
export interface PlannedNode {
  readonly type: NodeType;
  readonly id: string;
  /** Who had written it when it was read. */
  readonly rev: number;
  /** With the transaction's own writes. */
  now: StoredProps | null;
  /** Whether something was judged by what it holds, and not only by that it is there. */
  isJudgedBy: boolean;
}

export interface PlannedEdge {
  readonly type: EdgeType;
  readonly from: string;
  readonly to: string;
  readonly key: string;
  readonly rev: number;
  now: StoredProps | null;
  isWritten: boolean;
}

export interface PlannedDegree {
  readonly edge: EdgeType;
  readonly direction: Direction;
  readonly id: string;
  /** Without the transaction's own edges. */
  readonly degree: number;
}

/** One node to write. `set` has what changes, null for a property that goes. */
export interface NodeRow {
  readonly type: NodeType;
  readonly id: string;
  readonly isNew: boolean;
  readonly set: Record<string, unknown>;
}

/** What one transaction read and is about to write: everything that its commit takes, and no I/O. */
export class Plan {
  /** Names the attempt; what it writes carries it as `_rev`. */
  readonly rev = randomInt(2 ** 48 - 1) + 1;
  readonly records: OutgoingRecord[] = [];
  readonly nodes = new Map<string, PlannedNode>();
  readonly edges = new Map<string, PlannedEdge>();
  readonly degrees = new Map<string, PlannedDegree>();
  /** In the order in which they must be written. */
  readonly rows: NodeRow[] = [];
  readonly #lastRow = new Map<string, NodeRow>();
  readonly #added = new Map<string, number>();

  get isEmpty(): boolean {
    return this.records.length === 0 && !this.writes;
  }

  get writes(): boolean {
    return this.rows.length > 0 || this.#added.size > 0;
  }

  get size(): number {
    return this.nodes.size + this.edges.size + this.rows.length + this.records.length;
  }

  knownNode(type: NodeType, id: string): PlannedNode | undefined {
    return this.nodes.get(nodeKey(type, id));
  }

  knownEdge(type: EdgeType, ends: { from: string; to: string; key: string }): PlannedEdge | undefined {
    return this.edges.get(edgeKey({ type, ...ends }));
  }

  /** A node of its own making that has this value. */
  writtenWith(type: NodeType, property: string, value: string): PlannedNode | null {
    for (const key of this.#lastRow.keys()) {
      const node = this.nodes.get(key);
      if (node?.type === type && node.now?.[property] === value) return node;
    }
    return null;
  }

  /** Takes the first answer for a node; later ones are of another time. */
  sawNode(type: NodeType, id: string, stored: StoredProps | null): PlannedNode {
    const key = nodeKey(type, id);
    const known = this.nodes.get(key);
    if (known !== undefined) return known;
    const rev = stored === null ? none : ((stored['_rev'] as number | undefined) ?? 0);
    const node = { type, id, rev, now: stored, isJudgedBy: false };
    this.nodes.set(key, node);
    return node;
  }

  sawEdge(type: EdgeType, ends: { from: string; to: string; key: string }, stored: StoredProps | null): PlannedEdge {
    const key = edgeKey({ type, ...ends });
    const known = this.edges.get(key);
    if (known !== undefined) return known;
    const rev = stored === null ? none : ((stored['_rev'] as number | undefined) ?? 0);
    const edge = { type, ...ends, rev, now: stored, isWritten: false };
    this.edges.set(key, edge);
    return edge;
  }

  /** A node's number of edges, the transaction's own counted in. */
  sawDegree(ref: Omit<PlannedDegree, 'degree'>, degree: number): number {
    const key = degreeKey(ref);
    const known = this.degrees.get(key) ?? { ...ref, degree };
    this.degrees.set(key, known);
    return known.degree + this.#addedTo(ref);
  }

  /** Makes a node hold `after`, writing what `set` names. Values that must be unique may trade places: then the order of the writes counts. */
  writeNode(node: PlannedNode, after: StoredProps, set: StoredProps): void {
    const key = nodeKey(node.type, node.id);
    const isSettled = sameUnique(node.type, node.now, after);
    const last = this.#lastRow.get(key);
    if (last !== undefined && isSettled) {
      Object.assign(last.set, set);
    } else {
      const row = { type: node.type, id: node.id, isNew: node.rev === none, set: { ...set } };
      this.rows.push(row);
      this.#lastRow.set(key, row);
    }
    node.now = after;
  }

  writeEdge(edge: PlannedEdge, after: StoredProps | null): void {
    const added = Number(after !== null) - Number(edge.now !== null);
    edge.now = after;
    edge.isWritten = true;
    for (const [direction, id] of [['out', edge.from] as const, ['in', edge.to] as const]) {
      const key = degreeKey({ edge: edge.type, direction, id });
      this.#added.set(key, (this.#added.get(key) ?? 0) + added);
    }
  }

  writesNodesOf(type: NodeType): boolean {
    return this.rows.some((row) => row.type === type);
  }

  writesEdgesOf(type: EdgeType): boolean {
    return [...this.edges.values()].some((edge) => edge.isWritten && edge.type === type);
  }

  /** What others must not have written meanwhile. */
  *readKeys(): Iterable<string> {
    for (const [key, { isJudgedBy }] of this.nodes) if (isJudgedBy) yield `n|${key}`;
    for (const key of this.edges.keys()) yield `e|${key}`;
    for (const { edge, id } of this.degrees.values()) yield `d|${edge}|${id}`;
  }

  *writeKeys(): Iterable<string> {
    for (const key of this.#lastRow.keys()) yield `n|${key}`;
    for (const [key, { isWritten, type, from, to }] of this.edges) {
      if (!isWritten) continue;
      yield `e|${key}`;
      yield `d|${type}|${from}`;
      yield `d|${type}|${to}`;
    }
  }

  #addedTo({ edge, direction, id }: Omit<PlannedDegree, 'degree'>): number {
    const added = (way: Direction): number => this.#added.get(degreeKey({ edge, direction: way, id })) ?? 0;
    return direction === 'both' ? added('out') + added('in') : added(direction);
  }
}

function sameUnique(type: NodeType, before: StoredProps | null, after: StoredProps): boolean {
  return before !== null && JSON.stringify(uniqueValues(type, before)) === JSON.stringify(uniqueValues(type, after));
}

export function nodeKey(type: NodeType, id: string): string {
  return `${type}|${id}`;
}

export function edgeKey({ type, from, to, key }: { type: EdgeType; from: string; to: string; key: string }): string {
  return [type, from, to, key].join('\0');
}

export function degreeKey({ edge, direction, id }: { edge: EdgeType; direction: Direction; id: string }): string {
  return [edge, direction, id].join('\0');
}
