import { expect, test } from '@jest/globals';
import type { Row, Run } from './cypher.ts';
import { reconcileSchema } from './schema.ts';

interface Item {
  readonly kind: string;
  state: string;
}

/** A server as far as its schema goes; what is made there is in this state. */
function serverWith(stateOfNew = 'ONLINE'): { items: Map<string, Item>; asked: string[]; run: Run } {
  const items = new Map<string, Item>();
  const asked: string[] = [];
  const row = ([name, { kind, state }]: [string, Item]): Row => ({
    name,
    state,
    owningConstraint: kind === 'CONSTRAINT' ? name : null,
    populationPercent: 41.7,
  });
  const run: Run = (cypher) => {
    const [, verb, kind = '', name = ''] = /^(CREATE|DROP) (CONSTRAINT|INDEX) `?(\w+)/.exec(cypher) ?? [];
    if (verb !== undefined) asked.push(`${verb} ${name}`);
    if (verb === 'CREATE' && !items.has(name)) items.set(name, { kind, state: stateOfNew });
    if (verb === 'DROP') items.delete(name);
    const all = [...items];
    if (cypher.startsWith('SHOW CONSTRAINTS'))
      return Promise.resolve(all.filter(([, of]) => of.kind === 'CONSTRAINT').map(row));
    if (cypher.includes('state <>')) return Promise.resolve(all.filter(([, { state }]) => state !== 'ONLINE').map(row));
    return Promise.resolve(cypher.startsWith('SHOW') ? all.map(row) : []);
  };
  return { items, asked, run };
}

test('goal: what has failed is dropped and made anew, and told as made', async () => {
  const { items, asked, run } = serverWith();
  await reconcileSchema(run, 0);
  expect(items.size).toBeGreaterThan(20);
  const failed = ['vcos_unique_Creator_id', 'vcos_index_Creator_registeredAt'];
  for (const name of failed) (items.get(name) as Item).state = 'FAILED';
  asked.length = 0;
  const { made, unfinished, wasEmpty } = await reconcileSchema(run, 0);
  expect([...made].sort()).toEqual([...failed].sort());
  expect([unfinished, wasEmpty]).toEqual([[], false]);
  expect(asked.sort()).toEqual(failed.flatMap((name) => [`CREATE ${name}`, `DROP ${name}`]).sort());
});

test('goal: what is still being built is told, also by whoever finds it made', async () => {
  const { items, run } = serverWith('POPULATING');
  const first = await reconcileSchema(run, 0);
  expect(first.unfinished).toHaveLength(items.size);
  const second = await reconcileSchema(run, 0);
  expect(second.made).toEqual([]);
  expect(second.unfinished).toContain('vcos_index_Creator_registeredAt (POPULATING, 41 %)');
  for (const item of items.values()) item.state = 'ONLINE';
  expect((await reconcileSchema(run, 0)).unfinished).toEqual([]);
});
