import { type NodeType, nodeCatalogue } from '../../../schema/graph/catalogue.ts';
import { refuseSeparator } from '../keyset.ts';
import { type Props, uniqueValues } from '../lists.ts';
import { MissingNodeError, UniqueConflictError, VersionConflictError } from '../port.ts';
import { type Row, type Run, quoted } from './cypher.ts';
import { encodeProps } from './encoding.ts';
import type { ReadSet } from './read-set.ts';

interface NodeRef {
  readonly type: NodeType;
  readonly id: string;
}

/** What a transaction writes with. */
export interface Writes {
  readonly run: Run;
  readonly reads: ReadSet;
}

/** Writes a node whole and returns its version, in one statement: lock, check, write. A refusal writes nothing. */
export async function putNode(
  { run, reads }: Writes,
  node: NodeRef & { props: Props; expectedVersion?: number },
): Promise<number> {
  const { type, id, props, expectedVersion } = node;
  refuseSeparator(id, `the id of a ${type}`);
  const holders = uniqueHolders(type, props);
  const row = await one(
    run,
    `OPTIONAL MATCH (n:${quoted(type)} {id: $id}) REMOVE n._lock
     WITH n ${holders.matches}
     WITH n, n.version AS version, n._rev AS rev, ${holders.taken} AS taken
     WITH n, version, rev, taken, taken IS NULL AND ($expected IS NULL OR coalesce(version, 0) = $expected) AS ok
     FOREACH (x IN CASE WHEN ok AND n IS NULL THEN [1] ELSE [] END | CREATE (c:${quoted(type)}) SET c = $stored, c.version = 1)
     FOREACH (x IN CASE WHEN ok AND n IS NOT NULL THEN [n] ELSE [] END | SET x = $stored, x.version = version + 1)
     RETURN version, rev, taken`,
    {
      ...holders.parameters,
      id,
      expected: expectedVersion ?? null,
      stored: { ...encodeProps(props), id, _rev: reads.rev },
    },
  );
  reads.wroteNode(type, id, row['rev'] as number | null);
  const actual = (row['version'] as number | null) ?? 0;
  if (expectedVersion !== undefined && expectedVersion !== actual) {
    throw new VersionConflictError({ type, id, expected: expectedVersion, actual });
  }
  refuseTaken(type, row);
  return actual + 1;
}

export async function patchNode({ run, reads }: Writes, node: NodeRef & { props: Props }): Promise<void> {
  const { type, id, props } = node;
  const holders = uniqueHolders(type, props);
  const row = await one(
    run,
    `OPTIONAL MATCH (n:${quoted(type)} {id: $id}) REMOVE n._lock
     WITH n ${holders.matches}
     WITH n, n._rev AS rev, ${holders.taken} AS taken
     FOREACH (x IN CASE WHEN n IS NOT NULL AND taken IS NULL THEN [n] ELSE [] END | SET x += $stored)
     RETURN n IS NOT NULL AS found, rev, taken`,
    { ...holders.parameters, id, stored: { ...encodeProps(props, { clears: true }), _rev: reads.rev } },
  );
  reads.wroteNode(type, id, row['rev'] as number | null);
  if (row['found'] !== true) throw new MissingNodeError(id);
  refuseTaken(type, row);
}

/** Removes a node with its edges. Its neighbours are locked, so that whoever counts their edges finds out. */
export async function removeNode({ run, reads }: Writes, { type, id }: NodeRef): Promise<void> {
  const [row] = await run(
    `MATCH (n:${quoted(type)} {id: $id}) REMOVE n._lock
     WITH n, n._rev AS rev
     CALL (n) { MATCH (n)--(m) WITH DISTINCT m ORDER BY m.id REMOVE m._lock RETURN count(*) AS neighbours }
     DETACH DELETE n
     RETURN rev`,
    { id },
  );
  if (row === undefined) return;
  reads.wroteNode(type, id, row['rev'] as number | null);
  reads.removedNode();
}

/** Looks for other nodes that hold a unique value already. The constraint alone would end the whole transaction. */
function uniqueHolders(
  type: NodeType,
  props: Props,
): { matches: string; taken: string; parameters: Record<string, unknown> } {
  const values = uniqueValues(type, props);
  if (values.length === 0) return { matches: '', taken: 'null', parameters: {} };
  const matches = values.map(
    ({ property }, n) => `OPTIONAL MATCH (u${n}:${quoted(type)} {${quoted(property)}: $unique${n}})`,
  );
  const cases = values.map(({ property }, n) => `WHEN u${n}.id <> $id THEN '${property}'`);
  return {
    matches: matches.join(' '),
    taken: `CASE ${cases.join(' ')} END`,
    parameters: Object.fromEntries(values.map(({ value }, n) => [`unique${n}`, value])),
  };
}

function refuseTaken(type: NodeType, row: Row): void {
  const taken = row['taken'] as string | null;
  if (taken !== null && (nodeCatalogue[type].unique as readonly string[]).includes(taken)) {
    throw new UniqueConflictError(type, taken);
  }
}

export async function one(run: Run, cypher: string, parameters: Readonly<Record<string, unknown>>): Promise<Row> {
  const [row] = await run(cypher, parameters);
  if (row === undefined) throw new Error(`a statement that always answers gave no row: ${cypher}`);
  return row;
}
