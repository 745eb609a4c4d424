import { type EdgeType, type NodeType, edgeCatalogue } from '../../schema/graph/catalogue.ts';
import type { Connection } from '../sqlite/connection.ts';
import { refuseSeparator } from './keyset.ts';
import { type Props, nodeListEntries, uniqueValues } from './lists.ts';
import { MissingNodeError, UniqueConflictError, VersionConflictError } from './port.ts';
import { removeEdgesOf } from './write-edges.ts';

interface Stored {
  readonly n: number;
  readonly version: number;
  readonly props: string;
}

interface NodeRef {
  readonly type: NodeType;
  readonly id: string;
}

/** Writes a node whole and returns its version. All checks come before the first write. */
export function putNode(connection: Connection, node: NodeRef & { props: Props; expectedVersion?: number }): number {
  const { type, id, props, expectedVersion } = node;
  refuseSeparator(id, `the id of a ${type}`);
  const stored = load(connection, node);
  const actual = stored?.version ?? 0;
  if (expectedVersion !== undefined && expectedVersion !== actual) {
    throw new VersionConflictError({ type, id, expected: expectedVersion, actual });
  }
  store(connection, node, { stored, props, version: actual + 1 });
  return actual + 1;
}

export function patchNode(connection: Connection, node: NodeRef & { props: Props }): void {
  const stored = load(connection, node);
  if (stored === undefined) throw new MissingNodeError(node.id);
  const props = { ...(JSON.parse(stored.props) as Props), ...node.props };
  store(connection, node, { stored, props, version: stored.version });
}

/** Removes a node with its edges; does nothing when there is none. */
export function removeNode(connection: Connection, node: NodeRef): void {
  const stored = load(connection, node);
  if (stored === undefined) return;
  for (const [edge, { from, to }] of Object.entries(edgeCatalogue) as [EdgeType, { from: NodeType; to: NodeType }][]) {
    if (from === node.type) removeEdgesOf(connection, edge, 'source', node.id);
    if (to === node.type) removeEdgesOf(connection, edge, 'target', node.id);
  }
  moveUniques(connection, node, { before: JSON.parse(stored.props) as Props, after: {} });
  moveLists(connection, node, { n: stored.n, before: JSON.parse(stored.props) as Props, after: {} });
  connection.run('DELETE FROM nodes WHERE n = ?', stored.n);
}

/** Makes a node's entries anew, for {@link relist}. */
export function listNode(connection: Connection, node: NodeRef & { n: number; props: Props }): void {
  moveUniques(connection, node, { before: {}, after: node.props });
  moveLists(connection, node, { n: node.n, before: {}, after: node.props });
}

function load(connection: Connection, { type, id }: NodeRef): Stored | undefined {
  return connection.get<Stored>('SELECT n, version, props FROM nodes WHERE type = ? AND id = ?', type, id);
}

function store(
  connection: Connection,
  node: NodeRef,
  change: { stored: Stored | undefined; props: Props; version: number },
): void {
  const { stored, version } = change;
  const json = JSON.stringify(change.props);
  const before = stored === undefined ? {} : (JSON.parse(stored.props) as Props);
  moveUniques(connection, node, { before, after: change.props });
  let n = stored?.n;
  if (n === undefined) {
    n = Number(
      connection.run(
        'INSERT INTO nodes (type, id, version, props) VALUES (?, ?, ?, ?)',
        node.type,
        node.id,
        version,
        json,
      ).lastInsertRowid,
    );
  } else {
    connection.run('UPDATE nodes SET version = ?, props = ? WHERE n = ?', version, json, n);
  }
  moveLists(connection, node, { n, before, after: change.props });
}

function moveUniques(connection: Connection, { type, id }: NodeRef, change: { before: Props; after: Props }): void {
  const wanted = uniqueValues(type, change.after);
  for (const { property, value } of wanted) {
    const holder = connection.get<{ id: string }>(
      'SELECT id FROM node_unique WHERE type = ? AND property = ? AND value = ?',
      type,
      property,
      value,
    );
    if (holder !== undefined && holder.id !== id) throw new UniqueConflictError(type, property);
  }
  for (const { property, value } of uniqueValues(type, change.before)) {
    if (change.after[property] !== value)
      connection.run('DELETE FROM node_unique WHERE type = ? AND property = ? AND value = ?', type, property, value);
  }
  for (const { property, value } of wanted) {
    if (change.before[property] !== value)
      connection.run('INSERT INTO node_unique VALUES (?, ?, ?, ?)', type, property, value, id);
  }
}

function moveLists(
  connection: Connection,
  { type, id }: NodeRef,
  change: { n: number; before: Props; after: Props },
): void {
  const entries = (props: Props): Map<string, ReturnType<typeof nodeListEntries>[number]> =>
    new Map(nodeListEntries(type, props).map((entry) => [JSON.stringify(entry), entry]));
  const before = entries(change.before);
  const after = entries(change.after);
  for (const [name, { list, value, sort }] of before) {
    if (!after.has(name))
      connection.run(
        'DELETE FROM node_lists WHERE list = ? AND value = ? AND sort = ? AND id = ?',
        list,
        value,
        sort,
        id,
      );
  }
  for (const [name, { list, value, sort }] of after) {
    if (!before.has(name))
      connection.run('INSERT INTO node_lists VALUES (?, ?, ?, ?, ?)', list, value, sort, id, change.n);
  }
}
