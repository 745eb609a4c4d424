import { int } from 'neo4j-driver';
import type { EdgeType } from '../../../schema/graph/catalogue.ts';
import { checkIndexedEdge, filtersOf } from '../catalogue-checks.ts';
import { checkLimit, edgeKeyset, edgePlace, sqlOrder } from '../keyset.ts';
import type { Sortable } from '../lists.ts';
import type { Direction, FindNeighbours, GraphEdge, Neighbour, Page } from '../port.ts';
import { type Row, type Run, labelsAt, quoted } from './cypher.ts';
import { type StoredProps, decodeProps } from './encoding.ts';

/** One edge as a page's row holds it: the neighbour's id, 0 for out and 1 for in, the edge's properties. */
type Found = readonly [neighbour: string, direction: number, stored: StoredProps];

/** A page of neighbours per id, all of them in one statement. */
export async function findNeighbours<E extends EdgeType>(
  run: Run,
  query: FindNeighbours<E>,
): Promise<readonly Page<Neighbour<E>>[]> {
  checkLimit(query.limit);
  checkIndexedEdge(query.edge, query.orderBy);
  const filters = filtersOf(query.where);
  const after = query.after === undefined ? null : edgePlace(query.after);
  const rows = await run(pageCypher(query, filters), {
    ids: query.ids,
    limit: int(query.limit + 1),
    after: after && [after.value, after.neighbour, after.key, after.direction],
    ...Object.fromEntries(filters.map(([, value], n) => [`where${n}`, value])),
  });
  return rows.map((row) => page(query, row));
}

function pageCypher(
  query: Pick<FindNeighbours<EdgeType>, 'edge' | 'direction' | 'order'> & { orderBy: string; after?: unknown },
  filters: readonly (readonly [string, unknown])[],
): string {
  const { edge, orderBy } = query;
  const sort = `r.${quoted(orderBy)}`;
  const { word, behind } = sqlOrder(query.order);
  const conditions = [
    `${sort} IS NOT NULL`,
    ...filters.map(([property], n) => `r.${quoted(property)} = $where${n}`),
    ...(query.after === undefined ? [] : [position(sort, behind)]),
  ].join(' AND ');
  const limited = `ORDER BY ${sort} ${word}, m.id ${word}, r.key ${word}, direction ${word} LIMIT $limit`;
  const one = (way: 'out' | 'in'): string => {
    const pattern = way === 'out' ? `-[r:${quoted(edge)}]->(m)` : `<-[r:${quoted(edge)}]-(m)`;
    return `MATCH (n:${labelsAt(edge, way)} {id: $ids[i]})${pattern}
      WITH r, m, ${way === 'out' ? 0 : 1} AS direction WHERE ${conditions}
      RETURN r, m, direction ${limited}`;
  };
  const ways: readonly ('out' | 'in')[] = query.direction === 'both' ? ['out', 'in'] : [query.direction];
  return `UNWIND range(0, size($ids) - 1) AS i
    CALL (i) {
      CALL (i) { ${ways.map(one).join(' UNION ALL ')} }
      WITH r, m, direction ${limited}
      RETURN collect([m.id, direction, properties(r)]) AS found
    }
    RETURN i, found ORDER BY i`;
}

/** What lies behind `$after` in the order of value, neighbour, key and direction. */
function position(sort: string, behind: '>' | '<'): string {
  const places = [sort, 'm.id', 'r.key', 'direction'];
  return places.reduceRight((rest, place, n) => {
    const beyond = `${place} ${behind} $after[${n}]`;
    return rest === '' ? beyond : `(${beyond} OR (${place} = $after[${n}] AND ${rest}))`;
  }, '');
}

function page<E extends EdgeType>(query: FindNeighbours<E>, row: Row): Page<Neighbour<E>> {
  const found = row['found'] as readonly Found[];
  const id = query.ids[row['i'] as number] as string;
  const shown = found.slice(0, query.limit);
  return {
    items: shown.map(([neighbour, direction, stored]) => {
      const [from, to] = direction === 0 ? [id, neighbour] : [neighbour, id];
      return { id: neighbour, edge: decodeEdge(query.edge, { from, to }, stored) };
    }),
    keysets: shown.map(([neighbour, direction, stored]) =>
      edgeKeyset({ value: stored[query.orderBy] as Sortable, neighbour, key: stored['key'] as string, direction }),
    ),
    hasMore: found.length > query.limit,
  };
}

export function decodeEdge<E extends EdgeType>(
  type: E,
  ends: { from: string; to: string },
  stored: StoredProps,
): GraphEdge<E> {
  return { type, ...ends, key: stored['key'] as string, props: decodeProps(stored) as GraphEdge<E>['props'] };
}

/** An edge with the attempt that wrote it last, per pair of ends; null where there is none. */
export async function findEdges<E extends EdgeType>(
  run: Run,
  type: E,
  ends: readonly { from: string; to: string; key: string }[],
): Promise<readonly { edge: GraphEdge<E> | null; rev: number | null }[]> {
  const found = await findStoredEdges(run, type, ends);
  return ends.map(({ from, to }, n) => {
    const stored = found[n] ?? null;
    if (stored === null) return { edge: null, rev: null };
    return { edge: decodeEdge(type, { from, to }, stored), rev: stored['_rev'] as number };
  });
}

export async function findStoredEdges(
  run: Run,
  type: EdgeType,
  ends: readonly { from: string; to: string; key: string }[],
): Promise<readonly (StoredProps | null)[]> {
  const rows = await run(
    `UNWIND range(0, size($ends) - 1) AS i
     MATCH (:${labelsAt(type, 'out')} {id: $ends[i].from})-[r:${quoted(type)} {key: $ends[i].key}]->(:${labelsAt(type, 'in')} {id: $ends[i].to})
     RETURN i, properties(r) AS r`,
    { ends },
  );
  const found = new Map(rows.map((row) => [row['i'] as number, row['r'] as StoredProps]));
  return ends.map((_, n) => found.get(n) ?? null);
}

/** How many edges each node has; Neo4j keeps the number with the node. */
export async function countEdges(
  run: Run,
  query: { edge: EdgeType; direction: Direction; ids: readonly string[] },
): Promise<readonly number[]> {
  const { edge, direction, ids } = query;
  const pattern = { out: '-[:E]->()', in: '<-[:E]-()', both: '-[:E]-()' }[direction].replace('E', quoted(edge));
  const rows = await run(
    `UNWIND range(0, size($ids) - 1) AS i
     MATCH (n:${labelsAt(edge, direction)} {id: $ids[i]})
     RETURN i, COUNT { (n)${pattern} } AS degree`,
    { ids },
  );
  const found = new Map(rows.map((row) => [row['i'] as number, row['degree'] as number]));
  return ids.map((_, n) => found.get(n) ?? 0);
}
