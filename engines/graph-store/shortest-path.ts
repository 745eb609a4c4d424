import type { EdgeType } from '../../schema/graph/catalogue.ts';
import type { Connection } from '../sqlite/connection.ts';

/** Nodes that one search may reach before it gives up: it runs without letting others in between. */
const visitedMax = 500_000;

const neighbourSql = `
  SELECT target AS id FROM edges WHERE type = ? AND source = ?
  UNION ALL SELECT source FROM edges WHERE type = ? AND target = ?`;

/** One side of the search: each node it reached with the node it came from, and those reached last. */
interface Side {
  readonly cameFrom: Map<string, string | null>;
  frontier: readonly string[];
}

/** Breadth first from both ends, always from the smaller frontier, until they meet. */
export function shortestPath(
  connection: Connection,
  query: { edges: readonly EdgeType[]; from: string; to: string; maxDepth: number },
): readonly string[] | null {
  const { edges, from, to, maxDepth } = query;
  if (from === to) return [from];
  const start: Side = { cameFrom: new Map([[from, null]]), frontier: [from] };
  const goal: Side = { cameFrom: new Map([[to, null]]), frontier: [to] };
  for (let depth = 0; depth < maxDepth; depth++) {
    if (start.frontier.length === 0 || goal.frontier.length === 0) return null;
    const [near, far] = start.frontier.length <= goal.frontier.length ? [start, goal] : [goal, start];
    const meeting = expand(near, far, (id) => edges.flatMap((type) => neighboursOf(connection, type, id)));
    if (meeting !== null) return [...trail(start, meeting).reverse(), ...trail(goal, meeting).slice(1)];
    if (near.cameFrom.size + far.cameFrom.size > visitedMax) {
      throw new RangeError(
        `the search for a path from ${from} to ${to} reached more than ${visitedMax} nodes: ask with a smaller maxDepth than ${maxDepth}`,
      );
    }
  }
  return null;
}

/** Takes one step outwards; the node where it meets the other side, if it does. */
function expand(near: Side, far: Side, neighbours: (id: string) => string[]): string | null {
  const reached: string[] = [];
  for (const id of near.frontier) {
    for (const next of neighbours(id)) {
      if (near.cameFrom.has(next)) continue;
      near.cameFrom.set(next, id);
      if (far.cameFrom.has(next)) return next;
      reached.push(next);
    }
  }
  near.frontier = reached;
  return null;
}

function neighboursOf(connection: Connection, type: EdgeType, id: string): string[] {
  return connection.all<{ id: string }>(neighbourSql, type, id, type, id).map((row) => row.id);
}

/** From a node back to where the side began. */
function trail(side: Side, from: string): string[] {
  const path: string[] = [];
  for (let id: string | null = from; id !== null; id = side.cameFrom.get(id) ?? null) path.push(id);
  return path;
}
