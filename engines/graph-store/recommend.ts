import type { EdgeType } from '../../schema/graph/catalogue.ts';
import type { Connection } from '../sqlite/connection.ts';
import { checkIndexedEdge } from './catalogue-checks.ts';
import { edgeList } from './lists.ts';
import type { Recommendation } from './port.ts';

/** Bounds of one recommendation, which runs without letting others in between. Heavier edges come first, so the lightest are left out. */
const linksMax = 1_000;
const expandedMax = 200_000;

interface Link {
  readonly id: string;
  readonly weight: number;
}

type Links = (id: string, limit: number) => readonly Link[];

/** Two hops over undirected edges; a candidate's score adds up over its paths, and `via` names who they lead through, strongest first. */
export function recommend(
  connection: Connection,
  query: { edge: EdgeType; weight?: string; exclude: readonly EdgeType[]; id: string; limit: number },
): readonly Recommendation[] {
  const links =
    query.weight === undefined
      ? plainLinks(connection, query.edge)
      : weightedLinks(connection, query.edge, query.weight);
  const first = links(query.id, linksMax);
  const left = new Set([query.id, ...first.map(({ id }) => id)]);
  for (const type of query.exclude) for (const { id } of plainLinks(connection, type)(query.id, -1)) left.add(id);
  const candidates = new Map<string, Map<string, number>>();
  let expanded = 0;
  for (const hop of first) {
    if (expanded >= expandedMax) break;
    const second = links(hop.id, linksMax);
    expanded += second.length;
    for (const { id, weight } of second) {
      if (left.has(id)) continue;
      const via = candidates.get(id) ?? new Map<string, number>();
      candidates.set(id, via.set(hop.id, (via.get(hop.id) ?? 0) + hop.weight * weight));
    }
  }
  return best(candidates, query.limit);
}

function best(candidates: ReadonlyMap<string, ReadonlyMap<string, number>>, limit: number): Recommendation[] {
  const scored = [...candidates].map(([id, via]) => ({
    id,
    via,
    weight: [...via.values()].reduce((sum, each) => sum + each, 0),
  }));
  return scored
    .sort(heavierFirst)
    .slice(0, limit)
    .map(({ id, via, weight }) => ({
      id,
      score: weight,
      via: [...via]
        .map(([name, share]) => ({ id: name, weight: share }))
        .sort(heavierFirst)
        .map((each) => each.id),
    }));
}

function heavierFirst(a: Link, b: Link): number {
  return b.weight - a.weight || (a.id < b.id ? -1 : 1);
}

/** Every edge weighs 1. */
function plainLinks(connection: Connection, type: EdgeType): Links {
  const sql = `SELECT target AS id, 1 AS weight FROM edges WHERE type = ? AND source = ?
    UNION ALL SELECT source, 1 FROM edges WHERE type = ? AND target = ? LIMIT ?`;
  return (id, limit) => connection.all<Link>(sql, type, id, type, id, limit);
}

function weightedLinks(connection: Connection, type: EdgeType, property: string): Links {
  checkIndexedEdge(type, property);
  const list = edgeList(type, property);
  const sql =
    'SELECT neighbour AS id, value AS weight FROM edge_lists WHERE list = ? AND id = ? ORDER BY value DESC LIMIT ?';
  return (id, limit) => connection.all<Link>(sql, list, id, limit);
}
