import { type EdgeType, type NodeType, edgeCatalogue } from '../../../schema/graph/catalogue.ts';
import type { Direction } from '../port.ts';
import { type Run, labelsAt, quoted } from './cypher.ts';
import { countEdges } from './neighbours.ts';
import { type CommitMark, storeRecords } from './outbox.ts';
import { type Plan, type PlannedEdge, degreeKey, edgeKey, none, nodeKey } from './plan.ts';
import { CollisionError, type LockRef } from './read-set.ts';

/** What the database holds of everything that the plans were judged by, all of it locked. */
interface Held {
  readonly nodes: ReadonlyMap<string, number>;
  readonly edges: ReadonlyMap<string, number>;
  readonly degrees: ReadonlyMap<string, number>;
}

/** Plans whose reads no longer hold, with what changed. Nothing of them was written. */
export type Stale = ReadonlyMap<Plan, readonly LockRef[]>;

/**
 * Does what plans say in one transaction: locks what they read and write, compares, and writes those that still hold. No plan may have read
 * what another of them writes. All statements of a step are on their way at once; locks are taken in one order by everybody.
 */
export async function applyPlans(run: Run, plans: readonly Plan[]): Promise<Stale> {
  const held = await lock(run, plans);
  const stale = new Map<Plan, readonly LockRef[]>();
  for (const plan of plans) {
    const changed = changedSince(plan, held);
    if (changed.length > 0) stale.set(plan, changed);
  }
  const sound = plans.filter((plan) => !stale.has(plan));
  await Promise.all([writeNodes(run, sound), writeEdges(run, sound)]);
  return stale;
}

/** The same, with the plans' records as the transaction's last act. The mark tells whether it was committed; null where nothing was written. */
export async function commitPlans(
  run: Run,
  plans: readonly Plan[],
): Promise<{ readonly stale: Stale; readonly mark: CommitMark | null }> {
  const stale = await applyPlans(run, plans);
  const sound = plans.filter((plan) => !stale.has(plan));
  if (sound.length === 0) return { stale, mark: null };
  const mark = await storeRecords(
    run,
    sound.flatMap(({ records }) => records),
  );
  return { stale, mark };
}

async function lock(run: Run, plans: readonly Plan[]): Promise<Held> {
  const [nodes, edges, degrees] = await Promise.all([
    lockNodes(run, plans),
    readEdgeRevs(run, plans),
    readDegrees(run, plans),
  ]);
  return { nodes, edges, degrees };
}

async function lockNodes(run: Run, plans: readonly Plan[]): Promise<Map<string, number>> {
  const ids = new Map<NodeType, Set<string>>();
  const add = (type: NodeType, id: string): void => {
    const known = ids.get(type);
    if (known) known.add(id);
    else ids.set(type, new Set([id]));
  };
  for (const plan of plans) {
    for (const { type, id } of plan.nodes.values()) add(type, id);
    for (const edge of plan.edges.values()) {
      add(edgeCatalogue[edge.type].from, edge.from);
      if (edge.isWritten) add(edgeCatalogue[edge.type].to, edge.to);
    }
    for (const { edge, direction, id } of plan.degrees.values()) {
      if (direction !== 'in') add(edgeCatalogue[edge].from, id);
      if (direction !== 'out') add(edgeCatalogue[edge].to, id);
    }
  }
  const revs = new Map<string, number>();
  const types = [...ids].sort(([a], [b]) => (a < b ? -1 : 1));
  await Promise.all(
    types.map(async ([type, each]) => {
      const rows = await run(
        `UNWIND $ids AS id
         MATCH (n:${quoted(type)} {id: id}) REMOVE n._lock
         RETURN id, coalesce(n._rev, 0) AS rev`,
        { ids: [...each].sort() },
      );
      for (const { id, rev } of rows) revs.set(nodeKey(type, id as string), rev as number);
    }),
  );
  return revs;
}

async function readEdgeRevs(run: Run, plans: readonly Plan[]): Promise<Map<string, number>> {
  const edges = new Map(plans.flatMap((plan) => [...plan.edges]));
  const revs = new Map<string, number>();
  await Promise.all(
    byType(edges.values()).map(async ([type, each]) => {
      const rows = await run(
        `UNWIND $ends AS end
         MATCH (:${labelsAt(type, 'out')} {id: end.from})-[r:${quoted(type)} {key: end.key}]->(:${labelsAt(type, 'in')} {id: end.to})
         RETURN end.from AS from, end.to AS to, end.key AS key, coalesce(r._rev, 0) AS rev`,
        { ends: each.map(({ from, to, key }) => ({ from, to, key })) },
      );
      for (const { from, to, key, rev } of rows as unknown as (Omit<PlannedEdge, 'type'> & { rev: number })[]) {
        revs.set(edgeKey({ type, from, to, key }), rev);
      }
    }),
  );
  return revs;
}

async function readDegrees(run: Run, plans: readonly Plan[]): Promise<Map<string, number>> {
  const refs = new Map(plans.flatMap((plan) => [...plan.degrees]));
  const degrees = new Map<string, number>();
  const groups = Map.groupBy(refs.values(), ({ edge, direction }) => `${edge}|${direction}`);
  await Promise.all(
    [...groups].map(async ([what, each]) => {
      const [edge, direction] = what.split('|') as [EdgeType, Direction];
      const ids = each.map(({ id }) => id);
      const found = await countEdges(run, { edge, direction, ids });
      for (const [n, id] of ids.entries()) degrees.set(degreeKey({ edge, direction, id }), found[n] ?? 0);
    }),
  );
  return degrees;
}

function changedSince(plan: Plan, held: Held): LockRef[] {
  const changed: LockRef[] = [];
  for (const [key, { type, id, rev, isJudgedBy }] of plan.nodes) {
    const found = held.nodes.get(key) ?? none;
    if (isJudgedBy ? found !== rev : (found === none) !== (rev === none)) changed.push({ labels: quoted(type), id });
  }
  for (const [key, { type, from, rev }] of plan.edges) {
    if ((held.edges.get(key) ?? none) !== rev) changed.push({ labels: labelsAt(type, 'out'), id: from });
  }
  for (const [key, { edge, direction, id, degree }] of plan.degrees) {
    if (held.degrees.get(key) !== degree) changed.push({ labels: labelsAt(edge, direction), id });
  }
  return changed;
}

/** One statement per type. MERGE, because a node that was not there when it was read cannot be locked: who made it meanwhile has left a `_rev`. */
async function writeNodes(run: Run, plans: readonly Plan[]): Promise<void> {
  const rows = plans.flatMap((plan) => plan.rows.map((row) => ({ plan, row })));
  const groups = [...Map.groupBy(rows, ({ row }) => row.type)].sort(([a], [b]) => (a < b ? -1 : 1));
  const checks = groups.map(async ([type, each]) => {
    const answers = await run(
      `UNWIND $rows AS row
       MERGE (n:${quoted(type)} {id: row.id})
       WITH n, row, n._rev AS rev
       SET n += row.set
       RETURN row.id AS id, row.rev AS mine, rev, row.isNew AS isNew`,
      { rows: each.map(({ plan, row }) => ({ id: row.id, rev: plan.rev, isNew: row.isNew, set: row.set })) },
    );
    const made = answers.filter(({ isNew, rev, mine }) => isNew === true && rev !== null && rev !== mine);
    return made.map(({ id }) => ({ labels: quoted(type), id: id as string }));
  });
  const collided = (await Promise.all(checks)).flat();
  if (collided.length > 0) throw new CollisionError(collided);
}

async function writeEdges(run: Run, plans: readonly Plan[]): Promise<void> {
  const written = plans.flatMap((plan) => [...plan.edges.values()].filter(({ isWritten }) => isWritten));
  await Promise.all(
    byType(written).flatMap(([type, edges]) => {
      const ends = `MATCH (a:${labelsAt(type, 'out')} {id: row.from}) MATCH (b:${labelsAt(type, 'in')} {id: row.to})`;
      const pattern = `(a)-[r:${quoted(type)} {key: row.key}]->(b)`;
      const write = async (rows: readonly PlannedEdge[], action: string): Promise<void> => {
        if (rows.length === 0) return;
        const given = rows.map(({ from, to, key, now }) => ({ from, to, key, stored: now }));
        await run(`UNWIND $rows AS row ${ends} ${action}`, { rows: given });
      };
      const has = (edge: PlannedEdge): boolean => edge.now !== null;
      const had = (edge: PlannedEdge): boolean => edge.rev !== none;
      return [
        write(
          edges.filter((edge) => had(edge) && !has(edge)),
          `MATCH ${pattern} DELETE r`,
        ),
        write(
          edges.filter((edge) => had(edge) && has(edge)),
          `MATCH ${pattern} SET r = row.stored`,
        ),
        write(
          edges.filter((edge) => !had(edge) && has(edge)),
          `CREATE (a)-[r:${quoted(type)}]->(b) SET r = row.stored`,
        ),
      ];
    }),
  );
}

function byType(edges: Iterable<PlannedEdge>): [EdgeType, PlannedEdge[]][] {
  return [...Map.groupBy(edges, ({ type }) => type)].sort(([a], [b]) => (a < b ? -1 : 1));
}
