import type { EdgeType } from '../../schema/graph/catalogue.ts';
import type { Connection, SqlValue } from '../sqlite/connection.ts';
import { checkIndexedEdge, filtersOf } from './catalogue-checks.ts';
import { checkLimit, directionCodes, edgeKeyset, edgePlace, type EdgePlace, sqlOrder } from './keyset.ts';
import { edgeList } from './lists.ts';
import type { Direction, FindNeighbours, Neighbour, Page } from './port.ts';

interface Row extends EdgePlace {
  readonly source: string;
  readonly target: string;
  readonly props: string;
}

/** A page of neighbours per id, each read in the order of its own list. */
export function findNeighbours<E extends EdgeType>(
  connection: Connection,
  query: FindNeighbours<E>,
): Page<Neighbour<E>>[] {
  checkLimit(query.limit);
  checkIndexedEdge(query.edge, query.orderBy);
  const filters = filtersOf(query.where);
  const sql = pageSql(query, filters.length);
  const after = query.after === undefined ? null : edgePlace(query.after);
  const position = after ? [after.value, after.neighbour, after.key, after.direction] : [];
  const conditions = filters.flatMap(([property, value]) => [`$."${property}"`, value]);
  return query.ids.map((id) => {
    const each = directionCodes(query.direction).flatMap((code): SqlValue[] => [
      edgeList(query.edge, query.orderBy),
      id,
      code,
      ...position,
      ...conditions,
      query.limit + 1,
    ]);
    return page(query, connection.all<Row>(sql, ...each, query.limit + 1));
  });
}

/** Both directions are two ranges, each cut to a page before they are merged. */
function pageSql(query: { direction: Direction; order: 'asc' | 'desc'; after?: unknown }, filters: number): string {
  const { word, behind } = sqlOrder(query.order);
  const position =
    query.after === undefined ? '' : `AND (l.value, l.neighbour, l.key, l.direction) ${behind} (?, ?, ?, ?)`;
  const one = `SELECT * FROM (
    SELECT l.value, l.neighbour, l.key, l.direction, e.source, e.target, e.props FROM edge_lists l JOIN edges e ON e.e = l.e
    WHERE l.list = ? AND l.id = ? AND l.direction = ? ${position} ${'AND json_extract(e.props, ?) = ? '.repeat(filters)}
    ORDER BY l.value ${word}, l.neighbour ${word}, l.key ${word} LIMIT ?)`;
  const parts = directionCodes(query.direction).map(() => one);
  return `${parts.join(' UNION ALL ')} ORDER BY value ${word}, neighbour ${word}, key ${word}, direction ${word} LIMIT ?`;
}

function page<E extends EdgeType>(query: { edge: E; limit: number }, rows: readonly Row[]): Page<Neighbour<E>> {
  const shown = rows.slice(0, query.limit);
  return {
    items: shown.map(({ neighbour, source, target, key, props }) => ({
      id: neighbour,
      edge: {
        type: query.edge,
        from: source,
        to: target,
        key,
        props: JSON.parse(props) as Neighbour<E>['edge']['props'],
      },
    })),
    keysets: shown.map(edgeKeyset),
    hasMore: rows.length > query.limit,
  };
}
