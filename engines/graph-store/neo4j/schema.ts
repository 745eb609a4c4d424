import { type NodeType, nodeCatalogue } from '../../../schema/graph/catalogue.ts';
import { isListProperty } from '../../../schema/graph/list-properties.ts';
import { type Run, quoted } from './cypher.ts';

/** What the adapter made carries this before its name, and only that is ever dropped. */
const prefix = 'vcos_';

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

/**
 * Makes what the catalogue asks for and is absent, drops what an older catalogue asked for, and waits until every index answers. Each step
 * can be repeated, so any number of processes may do it at the same time. Returns what it made and dropped, and whether there was nothing before.
 */
export async function reconcileSchema(
  run: Run,
  waitSMax = 300,
): Promise<{ made: string[]; dropped: string[]; wasEmpty: boolean }> {
  const items = wanted();
  const present = await presentItems(run);
  const made = items.filter(({ name }) => !present.has(name));
  for (const { name, kind, on } of made) await run(`CREATE ${kind} ${name} IF NOT EXISTS ${on}`, {});
  const names = new Set(items.map(({ name }) => name));
  const dropped = [...present].filter(([name]) => name.startsWith(prefix) && !names.has(name));
  for (const [name, kind] of dropped) await run(`DROP ${kind} ${quoted(name)} IF EXISTS`, {});
  if (made.length > 0) await run('CALL db.awaitIndexes($waitSMax)', { waitSMax });
  const wasEmpty = ![...present.keys()].some((name) => name.startsWith(prefix));
  return { made: made.map(({ name }) => name), dropped: dropped.map(([name]) => name), wasEmpty };
}

async function presentItems(run: Run): Promise<ReadonlyMap<string, SchemaItem['kind']>> {
  const indexes = await run('SHOW INDEXES YIELD name, owningConstraint WHERE owningConstraint IS NULL RETURN name', {});
  const constraints = await run('SHOW CONSTRAINTS YIELD name RETURN name', {});
  return new Map([
    ...indexes.map(({ name }) => [name as string, 'INDEX'] as const),
    ...constraints.map(({ name }) => [name as string, 'CONSTRAINT'] as const),
  ]);
}
