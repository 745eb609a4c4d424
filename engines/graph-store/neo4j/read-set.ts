import { randomInt } from 'node:crypto';
import { type EdgeType, type NodeType, edgeCatalogue } from '../../../schema/graph/catalogue.ts';
import type { Direction } from '../port.ts';
import { type Run, labelsAt, quoted } from './cypher.ts';
import { degreeKey, edgeKey, none } from './plan.ts';
import type { ReadNotes } from './reader.ts';

/** A node to lock before anything else is done. */
export interface LockRef {
  readonly labels: string;
  readonly id: string;
}

/** What a transaction read has changed before it committed. The next attempt locks these first, and so cannot meet the same again. */
export class CollisionError extends Error {
  override readonly name = 'CollisionError';
  readonly refs: readonly LockRef[];
  constructor(refs: readonly LockRef[], options?: ErrorOptions) {
    super('what the transaction read was changed by another one at the same time', options);
    this.refs = refs;
  }
}

interface EdgeRef {
  readonly type: EdgeType;
  readonly from: string;
  readonly to: string;
  readonly key: string;
}
interface DegreeRef {
  readonly edge: EdgeType;
  readonly direction: Direction;
  readonly id: string;
}

/**
 * What a transaction read, one thing at a time, with the attempt that had written it. Neo4j reads committed data without locks, so before the
 * commit everything that was judged by and not written is locked and compared: then no update is lost and no count is outgrown. Lists and neighbours are
 * not noted: new entries in them can go unseen.
 */
export class ReadSet implements ReadNotes {
  /** Names this attempt; what it writes carries it as `_rev`. */
  readonly rev: number;
  readonly #nodes = new Map<string, { type: NodeType; id: string; rev: number }>();
  readonly #edges = new Map<string, EdgeRef & { rev: number }>();
  readonly #degrees = new Map<string, DegreeRef & { degree: number }>();
  /** How many edges this transaction added to a node, minus those it took away. */
  readonly #added = new Map<string, number>();
  #countsDegrees = true;

  constructor(rev = randomInt(2 ** 48 - 1) + 1) {
    this.rev = rev;
  }

  node(type: NodeType, id: string, rev: number | null): void {
    if (rev === this.rev) return;
    const before = this.#nodes.get(`${type}|${id}`);
    if (before !== undefined && before.rev !== (rev ?? none)) throw collision(quoted(type), id);
    this.#nodes.set(`${type}|${id}`, { type, id, rev: rev ?? none });
  }

  edge(edge: EdgeRef, rev: number | null): void {
    if (rev === this.rev) return;
    this.#edges.set(edgeKey(edge), { ...edge, rev: rev ?? none });
  }

  degree(ref: DegreeRef, degree: number): void {
    if (this.#countsDegrees) this.#degrees.set(degreeKey(ref), { ...ref, degree: degree - this.#addedTo(ref) });
  }

  /** A node that is now locked by a write: `found` is who had written it before. */
  wroteNode(type: NodeType, id: string, found: number | null): void {
    const noted = this.#nodes.get(`${type}|${id}`);
    if (noted !== undefined && found !== this.rev && (found ?? none) !== noted.rev) throw collision(quoted(type), id);
    this.#nodes.delete(`${type}|${id}`);
  }

  wroteEdge(edge: EdgeRef, found: number | null, added: -1 | 0 | 1): void {
    const noted = this.#edges.get(edgeKey(edge));
    if (noted !== undefined && found !== this.rev && (found ?? none) !== noted.rev) {
      throw collision(quoted(edgeCatalogue[edge.type].from), edge.from);
    }
    this.#edges.delete(edgeKey(edge));
    for (const [direction, id] of [['out', edge.from] as const, ['in', edge.to] as const]) {
      const key = degreeKey({ edge: edge.type, direction, id });
      this.#added.set(key, (this.#added.get(key) ?? 0) + added);
    }
  }

  /** A removed node takes edges of others along: their degrees are no longer known here. */
  removedNode(): void {
    this.#countsDegrees = false;
    this.#degrees.clear();
    this.#edges.clear();
  }

  /** Locks and compares, all statements on their way at once. Rejects with {@link CollisionError}. */
  async validate(run: Run): Promise<void> {
    const checks = [...this.#nodeChecks(run), ...this.#edgeChecks(run), ...this.#degreeChecks(run)];
    const stale = (await Promise.all(checks)).flat();
    if (stale.length > 0) throw new CollisionError(stale);
  }

  #nodeChecks(run: Run): Promise<readonly LockRef[]>[] {
    return grouped(this.#nodes, ({ type }) => type).map(async ([type, refs]) => {
      const rows = await run(
        `UNWIND $refs AS ref
         OPTIONAL MATCH (n:${quoted(type)} {id: ref.id}) REMOVE n._lock
         WITH ref, n WHERE coalesce(n._rev, ${none}) <> ref.rev RETURN ref.id AS id`,
        { refs },
      );
      return rows.map(({ id }) => ({ labels: quoted(type), id: id as string }));
    });
  }

  #edgeChecks(run: Run): Promise<readonly LockRef[]>[] {
    return grouped(this.#edges, ({ type }) => type).map(async ([type, refs]) => {
      const from = labelsAt(type, 'out');
      const rows = await run(
        `UNWIND $refs AS ref
         OPTIONAL MATCH (a:${from} {id: ref.from}) REMOVE a._lock
         WITH ref, a
         OPTIONAL MATCH (a)-[r:${quoted(type)} {key: ref.key}]->(:${labelsAt(type, 'in')} {id: ref.to})
         WITH ref, r WHERE coalesce(r._rev, ${none}) <> ref.rev RETURN ref.from AS id`,
        { refs },
      );
      return rows.map(({ id }) => ({ labels: from, id: id as string }));
    });
  }

  #degreeChecks(run: Run): Promise<readonly LockRef[]>[] {
    return grouped(this.#degrees, ({ edge, direction }) => `${edge}|${direction}` as const).map(
      async ([what, refs]) => {
        const [edge, direction] = what.split('|') as [EdgeType, Direction];
        const labels = labelsAt(edge, direction);
        const pattern = { out: '-[:E]->()', in: '<-[:E]-()', both: '-[:E]-()' }[direction].replace('E', quoted(edge));
        const expected = refs.map((ref) => ({ id: ref.id, degree: ref.degree + this.#addedTo(ref) }));
        const rows = await run(
          `UNWIND $refs AS ref
         OPTIONAL MATCH (n:${labels} {id: ref.id}) REMOVE n._lock
         WITH ref, CASE WHEN n IS NULL THEN 0 ELSE COUNT { (n)${pattern} } END AS degree
         WHERE degree <> ref.degree RETURN ref.id AS id`,
          { refs: expected },
        );
        return rows.map(({ id }) => ({ labels, id: id as string }));
      },
    );
  }

  #addedTo({ edge, direction, id }: DegreeRef): number {
    const added = (way: Direction): number => this.#added.get(degreeKey({ edge, direction: way, id })) ?? 0;
    return direction === 'both' ? added('out') + added('in') : added(direction);
  }
}

function collision(labels: string, id: string): CollisionError {
  return new CollisionError([{ labels, id }]);
}

/** Groups in a fixed order, each sorted by id, so that transactions lock in the same order wherever they can. */
function grouped<V, K extends string>(entries: ReadonlyMap<string, V>, by: (value: V) => K): [K, V[]][] {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  return [...Map.groupBy(sorted, by)].sort(([a], [b]) => (a < b ? -1 : 1));
}
