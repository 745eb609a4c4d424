import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import { type SubgraphBench, countReads, createBench } from '../shared/testing.ts';
import { createRelationshipsSubgraph } from './subgraph.ts';
import { seedCreators, seedErased, seedWork } from './testing.ts';

// Goal: who knows whom is found by every road, page by page, and twenty creators cost no more reads than one.
let engines: EmbeddedEngines;
let bench: SubgraphBench;
beforeAll(async () => {
  engines = await openEmbeddedEngines();
  bench = createBench(createRelationshipsSubgraph(), engines);
  await seedCreators(engines.store, ['ada', 'bob', 'cyd', 'dan', 'far', 'hal', 'ivy', 'jon']);
});
afterAll(() => engines.close());

const mutate = (login: string, name: string, input: object): Promise<unknown> =>
  bench.mutate(login, name, input, 'creator { id }');
const entities = <T>(login: string | null, ids: readonly string[], fields: string): Promise<readonly T[]> =>
  bench.entities<T>(login, 'Creator', ids, fields);

async function codeOf(login: string | null, operation: string): Promise<unknown> {
  return (await bench.ask(login, operation)).errors?.[0]?.extensions;
}

describe('ways and recommendations', () => {
  beforeAll(async () => {
    await mutate('hal', 'follow', { creatorId: 'ivy' });
    await mutate('jon', 'follow', { creatorId: 'ivy' });
    await seedWork(bench.dependencies, [
      ['hal', 'ada', 3],
      ['hal', 'bob', 1],
      ['ada', 'dan', 2],
      ['bob', 'dan', 1],
      ['bob', 'cyd', 1],
    ]);
  });

  test('the shortest way, whoever began what', async () => {
    expect(await bench.query(null, '{ path(from: "hal", to: "jon") { id } }')).toEqual({
      path: [{ id: 'hal' }, { id: 'ivy' }, { id: 'jon' }],
    });
    const fields =
      'degreesOfSeparation(to: "jon") self: degreesOfSeparation(to: "hal") near: degreesOfSeparation(to: "jon", maxDepth: 1) none: degreesOfSeparation(to: "far") pathTo(to: "ivy") { id }';
    expect(await entities(null, ['hal'], fields)).toEqual([
      { degreesOfSeparation: 2, self: 0, near: null, none: null, pathTo: [{ id: 'hal' }, { id: 'ivy' }] },
    ]);
  });

  test('an unknown end and an absurd depth are told by argument', async () => {
    expect(await codeOf(null, '{ path(from: "hal", to: "unknown") { id } }')).toEqual({
      code: 'BAD_USER_INPUT',
      argument: 'to',
    });
    expect(await codeOf(null, '{ path(from: "unknown", to: "hal") { id } }')).toEqual({
      code: 'BAD_USER_INPUT',
      argument: 'from',
    });
    for (const depth of [0, 11])
      expect(await codeOf(null, `{ path(from: "hal", to: "ivy", maxDepth: ${depth}) { id } }`)).toEqual({
        code: 'BAD_USER_INPUT',
        argument: 'maxDepth',
      });
  });

  test('collaborators by shared work; recommended are theirs, with the people in between', async () => {
    const fields =
      'collaborators { edges { weight node { id } } } recommendedCollaborators { score creator { id } reason { sharedCount via { id } } }';
    const [hal] = await entities<{
      collaborators: unknown;
      recommendedCollaborators: readonly { reason: { via: { id: string }[] } }[];
    }>('hal', ['hal'], fields);
    expect(hal?.collaborators).toEqual({
      edges: [
        { weight: 3, node: { id: 'ada' } },
        { weight: 1, node: { id: 'bob' } },
      ],
    });
    expect(hal?.recommendedCollaborators).toMatchObject([
      { score: 7, creator: { id: 'dan' }, reason: { sharedCount: 2 } },
      { score: 1, creator: { id: 'cyd' }, reason: { sharedCount: 1, via: [{ id: 'bob' }] } },
    ]);
    expect(hal?.recommendedCollaborators[0]?.reason.via.map(({ id }) => id).sort()).toEqual(['ada', 'bob']);
  });

  test('whom somebody blocks is not recommended to them, and others cannot tell', async () => {
    await mutate('hal', 'block', { creatorId: 'dan' });
    const ids = async (login: string | null): Promise<unknown> => {
      const [hal] = await entities<{ recommendedCollaborators: { creator: { id: string } }[] }>(
        login,
        ['hal'],
        'recommendedCollaborators { creator { id } }',
      );
      return hal?.recommendedCollaborators.map(({ creator }) => creator.id);
    };
    expect(await ids('hal')).toEqual(['cyd']);
    expect(await ids('dan')).toEqual(['dan', 'cyd']);
    expect(await ids(null)).toEqual(['dan', 'cyd']);
  });

  test('whoever has closed their account is recommended to nobody, and the list is as long as before', async () => {
    const [first, second] = ['one', 'two'].map((name) => `left-${name}`) as [string, string];
    await seedCreators(engines.store, ['kay', 'between', first, second, 'here']);
    await seedWork(bench.dependencies, [
      ['kay', 'between', 1],
      ['between', first, 5],
      ['between', second, 4],
      ['between', 'here', 1],
    ]);
    await engines.store.transact((tx) => tx.patch('Creator', first, { state: 'ARCHIVED' }));
    await seedErased(engines.store, second);
    const fields = 'recommendedCollaborators(first: 1) { creator { id } }';
    for (const login of ['kay', null])
      expect(await entities(login, ['kay'], fields)).toEqual([
        { recommendedCollaborators: [{ creator: { id: 'here' } }] },
      ]);
  });
});

describe('reading much', () => {
  test('pages of followers: everybody once, and no foreign cursor', async () => {
    const fans = Array.from({ length: 7 }, (_, index) => `fan-${index}`);
    await seedCreators(engines.store, ['star', ...fans]);
    for (const fan of fans) await mutate(fan, 'follow', { creatorId: 'star' });
    interface Star {
      readonly followers: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    }
    const page = async (args: string): Promise<Star | undefined> => {
      const fields = `followers(first: 3${args}) { nodes { id } pageInfo { hasNextPage endCursor } }`;
      return (await entities<Star>(null, ['star'], fields))[0];
    };
    const first = await page('');
    const cursor = first?.followers.pageInfo.endCursor ?? '';
    const second = await page(`, after: "${cursor}"`);
    const third = await page(`, after: "${second?.followers.pageInfo.endCursor ?? ''}"`);
    const seen = [first, second, third].flatMap((star) => star?.followers.nodes.map(({ id }) => id) ?? []);
    expect(seen.sort()).toEqual(fans);
    expect(third?.followers.pageInfo.hasNextPage).toBe(false);
    const foreign = `{ _entities(representations: [{ __typename: "Creator", id: "ada" }]) { ... on Creator { followers(after: "${cursor}") { totalCount } } } }`;
    expect(await codeOf(null, foreign)).toEqual({ code: 'BAD_USER_INPUT', argument: 'after' });
  });

  test('counts, lists and flags of twenty creators take one read each', async () => {
    const many = Array.from({ length: 20 }, (_, index) => `many-${index}`);
    await seedCreators(engines.store, many);
    const reads: string[] = [];
    const counting = createBench(createRelationshipsSubgraph(), {
      ...engines,
      store: countReads(engines.store, reads),
    });
    const fields = 'followerCount followers(first: 5) { nodes { id } } viewerFollows';
    expect(await counting.entities('ada', 'Creator', many, fields)).toHaveLength(20);
    // Who asks, and whether the twenty exist, are one read each too.
    expect(reads.sort()).toEqual(['degrees', 'edges', 'findUnique', 'get', 'neighbours']);
  });
});
