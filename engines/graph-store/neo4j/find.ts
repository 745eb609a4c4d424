import { int } from 'neo4j-driver';
import type { NodeType } from '../../../schema/graph/catalogue.ts';
import { isListProperty } from '../../../schema/graph/list-properties.ts';
import { checkIndexed, filtersOf } from '../catalogue-checks.ts';
import { checkLimit, sqlOrder } from '../keyset.ts';
import type { Sortable } from '../lists.ts';
import type { FindNodes, GraphNode, Page } from '../port.ts';
import { type Run, quoted } from './cypher.ts';
import { type StoredProps, decodeNode } from './encoding.ts';

/** A page of nodes in the order of an indexed property, ties by id. */
export async function findNodes<T extends NodeType>(run: Run, query: FindNodes<T>): Promise<Page<GraphNode<T>>> {
  const { type, orderBy, order, after, limit } = query;
  checkLimit(limit);
  checkIndexed(type, orderBy);
  const { conditions, parameters } = matching(type, query.where);
  const { word, behind } = sqlOrder(order);
  const sort = `n.${quoted(orderBy)}`;
  conditions.push(`${sort} IS NOT NULL`);
  if (after) conditions.push(`${sort} ${behind}= $value AND (${sort} ${behind} $value OR n.id ${behind} $after)`);
  const rows = await run(
    `MATCH (n:${quoted(type)}) WHERE ${conditions.join(' AND ')}
     RETURN properties(n) AS n ORDER BY ${sort} ${word}, n.id ${word} LIMIT $limit`,
    { ...parameters, value: after?.value ?? null, after: after?.id ?? null, limit: int(limit + 1) },
  );
  const shown = rows.slice(0, limit).map((row) => row['n'] as StoredProps);
  return {
    items: shown.map((stored) => decodeNode(type, stored)),
    keysets: shown.map((stored) => ({ value: stored[orderBy] as Sortable, id: stored['id'] as string })),
    hasMore: rows.length > limit,
  };
}

export async function countNodes<T extends NodeType>(run: Run, type: T, where: FindNodes<T>['where']): Promise<number> {
  const { conditions, parameters } = matching(type, where);
  const filter = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const [row] = await run(`MATCH (n:${quoted(type)}) ${filter} RETURN count(n) AS n`, parameters);
  return (row?.['n'] as number | undefined) ?? 0;
}

function matching(
  type: NodeType,
  where: Readonly<Record<string, unknown>> | undefined,
): { conditions: string[]; parameters: Record<string, unknown> } {
  const conditions: string[] = [];
  const parameters: Record<string, unknown> = {};
  for (const [n, [property, value]] of filtersOf(where).entries()) {
    checkIndexed(type, property);
    const name = `n.${quoted(property)}`;
    conditions.push(isListProperty(type, property) ? `$where${n} IN ${name}` : `${name} = $where${n}`);
    parameters[`where${n}`] = value;
  }
  return { conditions, parameters };
}
