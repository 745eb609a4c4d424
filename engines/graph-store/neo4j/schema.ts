import { setTimeout as sleep } from 'node:timers/promises';
import { type NodeType, nodeCatalogue } from '../../../schema/graph/catalogue.ts';
import { isListProperty } from '../../../schema/graph/list-properties.ts';
import { type Row, type Run, quoted } from './cypher.ts';

/** What the adapter made carries this before its name, and only that is ever dropped. */
const prefix = 'vcos_';
const statePollMs = 200;

/** One constraint or index: its name says all about it, so that another catalogue gives another name. */
interface SchemaItem {
  readonly name: string;
  readonly kind: 'CONSTRAINT' | 'INDEX';
  readonly on: string;
}

function constraint(label: string, ...properties: readonly string[]): SchemaItem {
  const on = `FOR (n:${quoted(label)}) REQUIRE (${properties.map((each) => `n.${quoted(each)}`).join(', ')}) IS UNIQUE`;
  return { name: `${prefix}unique_${[label, ...properties].join('_')}`, kind: 'CONSTRAINT', on };
}

function index(label: string, ...properties: readonly string[]): SchemaItem {
  const on = `FOR (n:${quoted(label)}) ON (${properties.map((each) => `n.${quoted(each)}`).join(', ')})`;
  return { name: `${prefix}index_${[label, ...properties].join('_')}`, kind: 'INDEX', on };
}

/** Ids and unique properties are constraints; each order has an index under no filter and one under each other scalar. */
function wanted(): readonly SchemaItem[] {
  const items = [
    constraint('Outbox', 'shard', 'seq'),
    constraint('OutboxShard', 'shard'),
    constraint('GraphFormat', 'name'),
  ];
  for (const type of Object.keys(nodeCatalogue) as NodeType[]) {
    const unique: readonly string[] = nodeCatalogue[type].unique;
    const scalars = (nodeCatalogue[type].indexed as readonly string[]).filter((each) => !isListProperty(type, each));
    items.push(constraint(type, 'id'), ...unique.map((property) => constraint(type, property)));
    for (const sort of scalars) {
      if (!unique.includes(sort)) items.push(index(type, sort));
      for (const filter of scalars) {
        if (filter !== sort && !unique.includes(filter)) items.push(index(type, filter, sort));
      }
    }
  }
  return items;
}

/** What {@link reconcileSchema} found and did, by names. */
export interface Reconciled {
  readonly made: readonly string[];
  readonly dropped: readonly string[];
  /** Indexes that the server is still building, with how far it is. */
  readonly unfinished: readonly string[];
  readonly wasEmpty: boolean;
}

/**
 * Makes what the catalogue asks for and is absent or has failed, drops what an older catalogue asked for, and waits for a while until every index
 * answers. Each step can be repeated, so any number of processes may do it at the same time.
 */
export async function reconcileSchema(run: Run, waitMsMax = 10_000): Promise<Reconciled> {
  const items = wanted();
  const present = await presentItems(run);
  for (const [name, { kind, hasFailed }] of present) {
    if (hasFailed && name.startsWith(prefix)) await run(`DROP ${kind} ${quoted(name)} IF EXISTS`, {});
  }
  const made = items.filter(({ name }) => present.get(name)?.hasFailed !== false);
  for (const { name, kind, on } of made) await run(`CREATE ${kind} ${name} IF NOT EXISTS ${on}`, {});
  const names = new Set(items.map(({ name }) => name));
  const dropped = [...present].filter(([name]) => name.startsWith(prefix) && !names.has(name));
  for (const [name, { kind }] of dropped) await run(`DROP ${kind} ${quoted(name)} IF EXISTS`, {});
  const wasEmpty = ![...present.keys()].some((name) => name.startsWith(prefix));
  return {
    made: made.map(({ name }) => name),
    dropped: dropped.map(([name]) => name),
    unfinished: await unfinishedAfter(run, waitMsMax),
    wasEmpty,
  };
}

/** Looked at also where nothing was made: whoever made it may not have waited. */
async function unfinishedAfter(run: Run, waitMsMax: number): Promise<readonly string[]> {
  const deadline = Date.now() + waitMsMax;
  for (;;) {
    const rows = await run(
      `SHOW INDEXES YIELD name, state, populationPercent WHERE name STARTS WITH $prefix AND state <> 'ONLINE' RETURN name, state, populationPercent`,
      { prefix },
    );
    if (rows.length === 0 || Date.now() > deadline)
      return rows.map(
        ({ name, state, populationPercent }) =>
          `${String(name)} (${String(state)}, ${Math.floor(Number(populationPercent))} %)`,
      );
    await sleep(statePollMs);
  }
}

interface PresentItem {
  readonly kind: SchemaItem['kind'];
  readonly hasFailed: boolean;
}

async function presentItems(run: Run): Promise<ReadonlyMap<string, PresentItem>> {
  const indexes = await run(
    'SHOW INDEXES YIELD name, state, owningConstraint RETURN name, state, owningConstraint',
    {},
  );
  const constraints = await run('SHOW CONSTRAINTS YIELD name RETURN name', {});
  // A constraint's index bears its name.
  const failed = new Set(indexes.flatMap(({ name, state }) => (state === 'FAILED' ? [name] : [])));
  const items = (rows: readonly Row[], kind: SchemaItem['kind']) =>
    rows.map(({ name }) => [name as string, { kind, hasFailed: failed.has(name) }] as const);
  return new Map([
    ...items(
      indexes.filter(({ owningConstraint }) => owningConstraint === null),
      'INDEX',
    ),
    ...items(constraints, 'CONSTRAINT'),
  ]);
}
