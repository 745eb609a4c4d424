import type { EdgeType, NodeType } from '../../schema/graph/catalogue.ts';
import type { Connection } from '../sqlite/connection.ts';
import { type Props, listsFingerprint } from './lists.ts';
import { listEdge } from './write-edges.ts';
import { listNode } from './write-nodes.ts';

const page = 1_000;

/** Makes the lists anew, in one transaction, when the catalogue asks for others than the file has. */
export function relistIfChanged(connection: Connection): void {
  const wanted = listsFingerprint();
  const present = connection.get<{ value: string }>("SELECT value FROM meta WHERE name = 'lists'")?.value;
  if (present === wanted) return;
  connection.db
    .transaction(() => {
      connection.db.exec('DELETE FROM node_unique; DELETE FROM node_lists; DELETE FROM edge_lists;');
      relistNodes(connection);
      relistEdges(connection);
      connection.run("INSERT INTO meta VALUES ('lists', ?) ON CONFLICT DO UPDATE SET value = excluded.value", wanted);
    })
    .immediate();
}

function relistNodes(connection: Connection): void {
  for (let last = 0; ;) {
    const rows = connection.all<{ n: number; type: NodeType; id: string; props: string }>(
      'SELECT n, type, id, props FROM nodes WHERE n > ? ORDER BY n LIMIT ?',
      last,
      page,
    );
    for (const row of rows) listNode(connection, { ...row, props: JSON.parse(row.props) as Props });
    last = rows.at(-1)?.n ?? 0;
    if (rows.length < page) return;
  }
}

function relistEdges(connection: Connection): void {
  for (let last = 0; ;) {
    const rows = connection.all<{ e: number; type: EdgeType; from: string; to: string; key: string; props: string }>(
      'SELECT e, type, source AS "from", target AS "to", key, props FROM edges WHERE e > ? ORDER BY e LIMIT ?',
      last,
      page,
    );
    for (const row of rows) listEdge(connection, { ...row, props: JSON.parse(row.props) as Props });
    last = rows.at(-1)?.e ?? 0;
    if (rows.length < page) return;
  }
}
