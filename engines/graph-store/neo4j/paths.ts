import { int } from 'neo4j-driver';
import type { EdgeType } from '../../../schema/graph/catalogue.ts';
import { checkIndexedEdge } from '../catalogue-checks.ts';
import type { GraphStore, Recommendation } from '../port.ts';
import { type Run, labelsAround, quoted } from './cypher.ts';

/** Bounds of one recommendation: heavier edges come first, so the lightest are left out. */
const linksMax = 1_000;

/** Two hops over undirected edges, scored and cut to the best in the database. */
export async function recommend(
  run: Run,
  query: Parameters<GraphStore['recommend']>[0],
): Promise<readonly Recommendation[]> {
  const { edge, weight, exclude, id, limit } = query;
  if (weight !== undefined) checkIndexedEdge(edge, weight);
  const weightOf = (name: string): string => (weight === undefined ? '1.0' : `${name}.${quoted(weight)}`);
  const type = quoted(edge);
  const labels = labelsAround([edge]);
  const rows = await run(
    `MATCH (me:${labels} {id: $id})
     CALL (me) {
       MATCH (me)-[r:${type}]-(via) RETURN via, ${weightOf('r')} AS near ORDER BY near DESC, via.id LIMIT $linksMax
     }
     CALL (via) {
       MATCH (via)-[r:${type}]-(far) RETURN far, ${weightOf('r')} AS further ORDER BY further DESC, far.id LIMIT $linksMax
     }
     WITH me, via, far, sum(near * further) AS share
     WHERE far <> me AND NOT EXISTS { (me)-[:${[edge, ...exclude].map(quoted).join('|')}]-(far) }
     WITH far, via, share ORDER BY share DESC, via.id
     RETURN far.id AS id, sum(share) AS score, collect(via.id) AS via ORDER BY score DESC, id LIMIT $limit`,
    { id, linksMax: int(linksMax), limit: int(limit) },
  );
  return rows as unknown as readonly Recommendation[];
}

/** One shortest path over undirected edges, both ends included; Neo4j searches from both ends at once. */
export async function shortestPath(
  run: Run,
  query: { edges: readonly EdgeType[]; from: string; to: string; maxDepth: number },
): Promise<readonly string[] | null> {
  const { edges, from, to, maxDepth } = query;
  if (!Number.isSafeInteger(maxDepth) || maxDepth < 0) {
    throw new RangeError(`maxDepth must be a whole number of 0 or more, not ${maxDepth}`);
  }
  if (from === to) return [from];
  if (maxDepth === 0 || edges.length === 0) return null;
  const labels = labelsAround(edges);
  const [row] = await run(
    `MATCH (a:${labels} {id: $from}), (b:${labels} {id: $to})
     MATCH path = shortestPath((a)-[:${edges.map(quoted).join('|')}*..${maxDepth}]-(b))
     RETURN [n IN nodes(path) | n.id] AS ids ORDER BY size(ids) LIMIT 1`,
    { from, to },
  );
  return row === undefined ? null : (row['ids'] as readonly string[]);
}
