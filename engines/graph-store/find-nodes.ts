import { type NodeType, nodeCatalogue } from '../../schema/graph/catalogue.ts';
import type { Connection, SqlValue } from '../sqlite/connection.ts';
import { checkIndexed, filtersOf } from './catalogue-checks.ts';
import { checkLimit, sqlOrder } from './keyset.ts';
import { type Sortable, nodeList } from './lists.ts';
import type { FindNodes, GraphNode, Page } from './port.ts';

/** How far apart two filters' numbers of matches are worth telling. */
const selectivityMax = 1_000;

interface Row {
  readonly sort: Sortable;
  readonly id: string;
  readonly version: number;
  readonly props: string;
}

type Filter = readonly [property: string, value: Sortable];

/** A page of one list, read in its own order from a position on; further filters are looked up per candidate. */
export function findNodes<T extends NodeType>(connection: Connection, query: FindNodes<T>): Page<GraphNode<T>> {
  const { type, orderBy, order, after, limit } = query;
  checkLimit(limit);
  const { condition, values } = matching(connection, { type, where: query.where, sort: orderBy });
  const { word, behind } = sqlOrder(order);
  const position = after ? `AND (l.sort, l.id) ${behind} (?, ?)` : '';
  const rows = connection.all<Row>(
    `SELECT l.sort, l.id, n.version, n.props FROM node_lists l JOIN nodes n ON n.n = l.n
     WHERE ${condition} ${position} ORDER BY l.sort ${word}, l.id ${word} LIMIT ?`,
    ...values,
    ...(after ? [after.value, after.id] : []),
    limit + 1,
  );
  const shown = rows.slice(0, limit);
  return {
    items: shown.map(({ id, version, props }) => ({
      type,
      id,
      version,
      props: JSON.parse(props) as GraphNode<T>['props'],
    })),
    keysets: shown.map(({ sort, id }) => ({ value: sort, id })),
    hasMore: rows.length > limit,
  };
}

export function countNodes<T extends NodeType>(connection: Connection, type: T, where: FindNodes<T>['where']): number {
  const filters = filtersOf(where);
  if (filters.length === 0) return numberOf(connection, 'SELECT count(*) AS n FROM nodes WHERE type = ?', [type]);
  const [sort] = nodeCatalogue[type].indexed as readonly string[];
  for (const [property] of filters) checkIndexed(type, property);
  if (sort === undefined) return 0;
  const { condition, values } = matching(connection, { type, where, sort });
  return numberOf(connection, `SELECT count(*) AS n FROM node_lists l WHERE ${condition}`, values);
}

/** The list to read, led by the filter with the fewest matches, and the conditions on the others. */
function matching(
  connection: Connection,
  query: { type: NodeType; where: Readonly<Record<string, unknown>> | undefined; sort: string },
): { condition: string; values: SqlValue[] } {
  const { type, sort } = query;
  const filters = filtersOf(query.where);
  for (const property of [sort, ...filters.map(([name]) => name)]) checkIndexed(type, property);
  const others = filters.filter(([property]) => property !== sort);
  const [property, value] = leading(connection, others, (name) => nodeList(type, name, sort)) ?? ['', ''];
  const parts = ['l.list = ?', 'l.value = ?'];
  const values: SqlValue[] = [nodeList(type, property, sort), value];
  for (const [name, wanted] of filters) {
    if (name === property) continue;
    if (name === sort) {
      parts.push('l.sort = ?');
      values.push(wanted);
    } else {
      parts.push(
        'EXISTS (SELECT 1 FROM node_lists o WHERE o.list = ? AND o.value = ? AND o.sort = l.sort AND o.id = l.id)',
      );
      values.push(nodeList(type, name, sort), wanted);
    }
  }
  return { condition: parts.join(' AND '), values };
}

function leading(
  connection: Connection,
  filters: readonly Filter[],
  listOf: (property: string) => string,
): Filter | undefined {
  if (filters.length < 2) return filters[0];
  const sized = filters.map((filter) => ({
    filter,
    size: numberOf(
      connection,
      'SELECT count(*) AS n FROM (SELECT 1 FROM node_lists WHERE list = ? AND value = ? LIMIT ?)',
      [listOf(filter[0]), filter[1], selectivityMax],
    ),
  }));
  return sized.reduce((best, each) => (each.size < best.size ? each : best)).filter;
}

function numberOf(connection: Connection, sql: string, values: SqlValue[]): number {
  return connection.get<{ n: number }>(sql, ...values)?.n ?? 0;
}
