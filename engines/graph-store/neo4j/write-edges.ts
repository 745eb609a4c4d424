import type { EdgeType } from '../../../schema/graph/catalogue.ts';
import { refuseSeparator } from '../keyset.ts';
import type { Props } from '../lists.ts';
import { MissingNodeError } from '../port.ts';
import { labelsAt, quoted } from './cypher.ts';
import { encodeProps } from './encoding.ts';
import { type Writes, one } from './write-nodes.ts';

interface EdgeRef {
  readonly type: EdgeType;
  readonly from: string;
  readonly to: string;
  readonly key: string;
}

/** Makes or overwrites an edge in one statement; true when it is new. Both ends are locked, always in the order of their ids. */
export async function linkEdge({ run, reads }: Writes, edge: EdgeRef & { props: Props }): Promise<boolean> {
  const { type, from, to, key, props } = edge;
  refuseSeparator(key, `the key of ${type}`);
  if (from === to) throw new RangeError(`${type} must join two nodes, not ${from} to itself`);
  const row = await one(
    run,
    `OPTIONAL MATCH (a:${labelsAt(type, 'out')} {id: $from})
     OPTIONAL MATCH (b:${labelsAt(type, 'in')} {id: $to})
     ${locksInOrder(edge)}
     WITH a, b
     OPTIONAL MATCH (a)-[r:${quoted(type)} {key: $key}]->(b)
     WITH a, b, r, r._rev AS rev, a IS NOT NULL AND b IS NOT NULL AS ok
     FOREACH (x IN CASE WHEN ok AND r IS NULL THEN [1] ELSE [] END | CREATE (a)-[e:${quoted(type)}]->(b) SET e = $stored)
     FOREACH (x IN CASE WHEN r IS NOT NULL THEN [r] ELSE [] END | SET x = $stored)
     RETURN a IS NULL AS noFrom, b IS NULL AS noTo, rev`,
    { from, to, key, stored: { ...encodeProps(props), key, _rev: reads.rev } },
  );
  if (row['noFrom'] === true) throw new MissingNodeError(from);
  if (row['noTo'] === true) throw new MissingNodeError(to);
  const rev = row['rev'] as number | null;
  reads.wroteEdge({ type, from, to, key }, rev, rev === null ? 1 : 0);
  return rev === null;
}

/** True when there was such an edge. */
export async function unlinkEdge({ run, reads }: Writes, edge: EdgeRef): Promise<boolean> {
  const { type, from, to, key } = edge;
  const [row] = await run(
    `MATCH (a:${labelsAt(type, 'out')} {id: $from}), (b:${labelsAt(type, 'in')} {id: $to})
     ${locksInOrder(edge)}
     WITH a, b
     MATCH (a)-[r:${quoted(type)} {key: $key}]->(b)
     WITH r, r._rev AS rev
     DELETE r
     RETURN rev`,
    { from, to, key },
  );
  const rev = (row?.['rev'] as number | undefined) ?? null;
  reads.wroteEdge({ type, from, to, key }, rev, rev === null ? 0 : -1);
  return rev !== null;
}

function locksInOrder({ from, to }: EdgeRef): string {
  return from < to ? 'REMOVE a._lock REMOVE b._lock' : 'REMOVE b._lock REMOVE a._lock';
}
