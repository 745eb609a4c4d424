import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import type { SpaceRole } from '../../schema/graph/catalogue.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { createCreatorsSubgraph } from './subgraph.ts';

// Goal: whoever is erased leaves no space that nobody can look after, and no place taken.
let engines: EmbeddedEngines;
let bench: SubgraphBench;
const ids = new Map<string, string>();
beforeAll(async () => {
  engines = await openEmbeddedEngines();
  bench = createBench(createCreatorsSubgraph(), engines);
  for (const username of ['ada', 'bob', 'cyd', 'dan']) {
    const input = { username, type: 'ARTIST' };
    const { creator } = await bench.mutate<{ creator: { id: string } }>(
      username,
      'registerCreator',
      input,
      'creator { id }',
    );
    ids.set(username, creator.id);
  }
});
afterAll(() => engines.close());

const idOf = (name: string): string => ids.get(name) as string;

/** A space with these members, the first of them there longest. */
async function seedSpace(id: string, members: readonly (readonly [name: string, role: SpaceRole])[]): Promise<void> {
  const createdAt = '2024-01-01T00:00:00.000Z';
  await engines.store.transact(async (tx) => {
    const props = { name: id, kind: 'COLLABORATION', description: '', capacity: 9, createdBy: 'x', createdAt } as const;
    await tx.put({ type: 'Space', id, props });
    for (const [index, [name, role]] of members.entries()) {
      const since = `2024-01-0${index + 1}T00:00:00.000Z`;
      await tx.link({ type: 'MEMBER_OF', from: idOf(name), to: id, props: { since, role } });
    }
  });
}

async function membersOf(spaceId: string): Promise<readonly string[]> {
  const query = { edge: 'MEMBER_OF', direction: 'in', orderBy: 'since', order: 'asc', limit: 10 } as const;
  const [page] = await engines.store.neighbours({ ...query, ids: [spaceId] });
  const nameOf = (id: string): string | undefined => [...ids].find(([, known]) => known === id)?.[0];
  return page?.items.map(({ id, edge }) => `${nameOf(id)} ${edge.props.role}`) ?? [];
}

test('the erased leave; the last owner’s spaces go to whoever was there longest in the highest role', async () => {
  await seedSpace('moderated', [
    ['ada', 'OWNER'],
    ['bob', 'MEMBER'],
    ['cyd', 'MODERATOR'],
    ['dan', 'MODERATOR'],
  ]);
  await seedSpace('joined', [
    ['dan', 'OBSERVER'],
    ['ada', 'OWNER'],
    ['cyd', 'MEMBER'],
    ['bob', 'MEMBER'],
  ]);
  await seedSpace('shared', [
    ['ada', 'OWNER'],
    ['bob', 'OWNER'],
    ['cyd', 'MODERATOR'],
  ]);
  await seedSpace('visited', [
    ['bob', 'OWNER'],
    ['ada', 'MEMBER'],
  ]);
  await seedSpace('alone', [['ada', 'OWNER']]);
  const before = (await bench.events()).length;
  const input = { expectedVersion: 1, confirmUsername: 'ada' };
  expect((await bench.mutate('ada', 'eraseCreator', input, 'keyId')).userErrors).toEqual([]);
  expect(await membersOf('moderated')).toEqual(['bob MEMBER', 'cyd OWNER', 'dan MODERATOR']);
  expect(await membersOf('joined')).toEqual(['dan OBSERVER', 'cyd OWNER', 'bob MEMBER']);
  expect(await membersOf('shared')).toEqual(['bob OWNER', 'cyd MODERATOR']);
  expect(await membersOf('visited')).toEqual(['bob OWNER']);
  expect(await membersOf('alone')).toEqual([]);
  const types = (await bench.events()).slice(before).map(({ type }) => type);
  expect(types.filter((type) => type === 'space.member-left')).toHaveLength(5);
  expect(types.filter((type) => type === 'space.member-role-changed')).toHaveLength(2);
  expect(types.at(-1)).toBe('creator.erased');
});
