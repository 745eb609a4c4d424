import { type EdgeType, edgeCatalogue } from '../../schema/graph/catalogue.ts';
import type { Connection } from '../sqlite/connection.ts';
import { refuseSeparator } from './keyset.ts';
import { type Props, type Sortable, edgeListEntries } from './lists.ts';
import { MissingNodeError } from './port.ts';

interface EdgeRef {
  readonly type: EdgeType;
  readonly from: string;
  readonly to: string;
  readonly key: string;
}

interface Stored {
  readonly e: number;
  readonly props: string;
}

/** Makes or overwrites an edge; true when it is new. */
export function linkEdge(connection: Connection, edge: EdgeRef & { props: Props }): boolean {
  const { type, from, to, key, props } = edge;
  refuseSeparator(key, `the key of ${type}`);
  if (from === to) throw new RangeError(`${type} must join two nodes, not ${from} to itself`);
  checkEnds(connection, edge);
  const stored = load(connection, edge);
  if (stored !== undefined) {
    connection.run('UPDATE edges SET props = ? WHERE e = ?', JSON.stringify(props), stored.e);
    moveLists(connection, edge, { e: stored.e, before: JSON.parse(stored.props) as Props, after: props });
    return false;
  }
  const { lastInsertRowid } = connection.run(
    'INSERT INTO edges (type, source, target, key, props) VALUES (?, ?, ?, ?, ?)',
    type,
    from,
    to,
    key,
    JSON.stringify(props),
  );
  moveLists(connection, edge, { e: Number(lastInsertRowid), before: {}, after: props });
  countEdge(connection, edge, 1);
  return true;
}

/** True when there was such an edge. */
export function unlinkEdge(connection: Connection, edge: EdgeRef): boolean {
  const stored = load(connection, edge);
  if (stored === undefined) return false;
  moveLists(connection, edge, { e: stored.e, before: JSON.parse(stored.props) as Props, after: {} });
  connection.run('DELETE FROM edges WHERE e = ?', stored.e);
  countEdge(connection, edge, -1);
  return true;
}

export function removeEdgesOf(connection: Connection, type: EdgeType, end: 'source' | 'target', id: string): void {
  const edges = connection.all<EdgeRef>(
    `SELECT type, source AS "from", target AS "to", key FROM edges WHERE type = ? AND ${end} = ?`,
    type,
    id,
  );
  for (const edge of edges) unlinkEdge(connection, edge);
}

/** Makes an edge's entries anew, for `relist`. */
export function listEdge(connection: Connection, edge: EdgeRef & { e: number; props: Props }): void {
  moveLists(connection, edge, { e: edge.e, before: {}, after: edge.props });
}

function checkEnds(connection: Connection, { type, from, to }: EdgeRef): void {
  const spec = edgeCatalogue[type];
  for (const end of [
    { type: spec.from, id: from },
    { type: spec.to, id: to },
  ]) {
    const found = connection.get('SELECT 1 FROM nodes WHERE type = ? AND id = ?', end.type, end.id);
    if (found === undefined) throw new MissingNodeError(end.id);
  }
}

function load(connection: Connection, { type, from, to, key }: EdgeRef): Stored | undefined {
  return connection.get<Stored>(
    'SELECT e, props FROM edges WHERE type = ? AND source = ? AND target = ? AND key = ?',
    type,
    from,
    to,
    key,
  );
}

function moveLists(connection: Connection, edge: EdgeRef, change: { e: number; before: Props; after: Props }): void {
  const before = edgeListEntries(edge.type, change.before);
  const after = edgeListEntries(edge.type, change.after);
  const has = (entries: typeof before, entry: { list: string; value: Sortable }): boolean =>
    entries.some(({ list, value }) => list === entry.list && value === entry.value);
  const places = [
    { id: edge.from, direction: 0, neighbour: edge.to },
    { id: edge.to, direction: 1, neighbour: edge.from },
  ];
  for (const { id, direction, neighbour } of places) {
    for (const { list, value } of before.filter((entry) => !has(after, entry))) {
      connection.run(
        'DELETE FROM edge_lists WHERE list = ? AND id = ? AND direction = ? AND value = ? AND neighbour = ? AND key = ?',
        ...[list, id, direction, value, neighbour, edge.key],
      );
    }
    for (const { list, value } of after.filter((entry) => !has(before, entry))) {
      connection.run(
        'INSERT INTO edge_lists VALUES (?, ?, ?, ?, ?, ?, ?)',
        list,
        id,
        direction,
        value,
        neighbour,
        edge.key,
        change.e,
      );
    }
  }
}

function countEdge(connection: Connection, { type, from, to }: EdgeRef, by: 1 | -1): void {
  const sql =
    'INSERT INTO degrees VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET outgoing = outgoing + excluded.outgoing, incoming = incoming + excluded.incoming';
  connection.run(sql, type, from, by, 0);
  connection.run(sql, type, to, 0, by);
}
