import { type EdgeType, type NodeType, nodeCatalogue } from '../../../schema/graph/catalogue.ts';
import { checkUnique } from '../catalogue-checks.ts';
import type {
  Direction,
  FindNeighbours,
  FindNodes,
  GraphEdge,
  GraphNode,
  GraphReader,
  Neighbour,
  Page,
} from '../port.ts';
import { type Run, labelsOf, quoted } from './cypher.ts';
import { type StoredProps, decodeNode } from './encoding.ts';
import { countNodes, findNodes } from './find.ts';
import { countEdges, findEdges, findNeighbours } from './neighbours.ts';

const typeList = Object.keys(nodeCatalogue) as NodeType[];

/** Is told of every single thing that was read, so that a transaction can find out at its end whether it still holds. */
export interface ReadNotes {
  node(type: NodeType, id: string, rev: number | null): void;
  edge(edge: { type: EdgeType; from: string; to: string; key: string }, rev: number | null): void;
  degree(what: { edge: EdgeType; direction: Direction; id: string }, degree: number): void;
}

/** The reading verbs over a way to run statements: alone, or inside of a transaction. */
export class Neo4jReader implements GraphReader {
  readonly #run: Run;
  readonly #notes: ReadNotes | null;

  constructor(run: Run, notes: ReadNotes | null = null) {
    this.#run = run;
    this.#notes = notes;
  }

  async get<T extends NodeType>(type: T, ids: readonly string[]): Promise<readonly (GraphNode<T> | null)[]> {
    const found = await nodesBy(this.#run, { type, property: 'id', values: ids });
    return ids.map((id) => this.#noted(type, id, found.get(id)));
  }

  async locate(ids: readonly string[]): Promise<readonly (NodeType | null)[]> {
    const rows = await this.#run(
      `MATCH (n:${labelsOf(typeList)}) WHERE n.id IN $ids RETURN n.id AS id, labels(n) AS labels`,
      { ids },
    );
    // Types may share an id; the catalogue names what people know before what the platform keeps for itself.
    return ids.map((id) => {
      const labels = rows.filter((row) => row['id'] === id).flatMap((row) => row['labels'] as string[]);
      return typeList.find((type) => labels.includes(type)) ?? null;
    });
  }

  async findUnique<T extends NodeType>(
    type: T,
    property: keyof GraphNode<T>['props'] & string,
    values: readonly string[],
  ): Promise<readonly (GraphNode<T> | null)[]> {
    checkUnique(type, property);
    const found = await nodesBy(this.#run, { type, property, values });
    return values.map((value) => {
      const stored = found.get(value);
      return stored === undefined ? null : this.#noted(type, stored['id'] as string, stored);
    });
  }

  async find<T extends NodeType>(query: FindNodes<T>): Promise<Page<GraphNode<T>>> {
    return findNodes(this.#run, query);
  }

  async count<T extends NodeType>(type: T, where?: FindNodes<T>['where']): Promise<number> {
    return countNodes(this.#run, type, where);
  }

  async edges<E extends EdgeType>(
    type: E,
    ends: readonly { from: string; to: string; key?: string }[],
  ): Promise<readonly (GraphEdge<E> | null)[]> {
    const asked = ends.map(({ from, to, key = '' }) => ({ from, to, key }));
    const found = await findEdges(this.#run, type, asked);
    for (const [n, end] of asked.entries()) this.#notes?.edge({ type, ...end }, found[n]?.rev ?? null);
    return found.map(({ edge }) => edge);
  }

  async neighbours<E extends EdgeType>(query: FindNeighbours<E>): Promise<readonly Page<Neighbour<E>>[]> {
    return findNeighbours(this.#run, query);
  }

  async degrees<E extends EdgeType>(edge: E, direction: Direction, ids: readonly string[]): Promise<readonly number[]> {
    const degrees = await countEdges(this.#run, { edge, direction, ids });
    for (const [n, id] of ids.entries()) this.#notes?.degree({ edge, direction, id }, degrees[n] ?? 0);
    return degrees;
  }

  #noted<T extends NodeType>(type: T, id: string, stored: StoredProps | undefined): GraphNode<T> | null {
    this.#notes?.node(type, id, (stored?.['_rev'] as number | undefined) ?? null);
    return stored === undefined ? null : decodeNode(type, stored);
  }
}

/** Stored nodes by the value of their id, or of another property that is unique. */
export async function nodesBy(
  run: Run,
  { type, property, values }: { type: NodeType; property: string; values: readonly string[] },
): Promise<ReadonlyMap<string, StoredProps>> {
  if (values.length === 0) return new Map();
  const rows = await run(`MATCH (n:${quoted(type)}) WHERE n.${quoted(property)} IN $values RETURN properties(n) AS n`, {
    values,
  });
  return new Map(rows.map((row) => [(row['n'] as StoredProps)[property] as string, row['n'] as StoredProps] as const));
}
