import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { createCreatorsSubgraph } from './subgraph.ts';

// Goal: every creator is found, once, by every road: id, name, lists in every order, node, the gateway's references.
const people = ['Frida', 'alan', 'Barbara', 'Edsger', 'claude', 'Donald', 'grace'];
const byName = [...people].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
let engines: EmbeddedEngines;
let bench: SubgraphBench;
let nowUs = Date.parse('2024-05-01T12:00:00.000Z') * 1000;
const ids = new Map<string, string>();
/** As the subgraph of spaces says it. */
const elsewhere = { Space: async (_context: unknown, id: string) => (id === 'space-2' ? null : { id }) };

beforeAll(async () => {
  engines = await openEmbeddedEngines();
  bench = createBench(createCreatorsSubgraph(elsewhere), engines, { wall: { nowUs: () => (nowUs += 1_000_000) } });
  for (const [index, username] of people.entries()) {
    const input = { username, type: index % 2 === 0 ? 'ARTIST' : 'DEVELOPER', skills: index < 3 ? ['Proofs'] : [] };
    const registered = await bench.mutate<{ creator: { id: string } }>(
      username,
      'registerCreator',
      input,
      'creator { id }',
    );
    ids.set(username, registered.creator.id);
  }
});
afterAll(() => engines.close());

interface Page {
  readonly creators: {
    readonly nodes: readonly { username: string }[];
    readonly totalCount: number;
    readonly pageInfo: { hasNextPage: boolean; endCursor: string | null };
  };
}

async function walk(args: string, pageSize: number): Promise<readonly string[]> {
  const found: string[] = [];
  let after: string | null = null;
  for (let pages = 0; pages <= people.length; pages += 1) {
    const operation = `query ($after: String) { creators(first: ${pageSize}, after: $after ${args}) { nodes { username } totalCount pageInfo { hasNextPage endCursor } } }`;
    const { creators }: Page = await bench.query<Page>(null, operation, { after });
    found.push(...creators.nodes.map(({ username }) => username));
    if (!creators.pageInfo.hasNextPage) {
      expect(creators.totalCount).toBe(found.length);
      return found;
    }
    after = creators.pageInfo.endCursor;
  }
  throw new Error('the pages do not end');
}

async function codeOf(operation: string): Promise<unknown> {
  return (await bench.ask('alan', operation)).errors?.[0]?.extensions;
}

describe('lists', () => {
  test.each([1, 2, 3, 7, 100])('in pages of %i: everybody once, in order', async (pageSize) => {
    expect(await walk('', pageSize)).toEqual([...people].reverse());
    expect(await walk(', orderBy: OLDEST', pageSize)).toEqual(people);
    expect(await walk(', orderBy: USERNAME', pageSize)).toEqual(byName);
  });

  test('of one type, with one skill, of both', async () => {
    expect(await walk(', orderBy: OLDEST, type: DEVELOPER', 2)).toEqual(['alan', 'Edsger', 'Donald']);
    expect(await walk(', orderBy: OLDEST, skill: " PROOFS "', 2)).toEqual(['Frida', 'alan', 'Barbara']);
    expect(await walk(', orderBy: OLDEST, skill: "proofs", type: DEVELOPER', 2)).toEqual(['alan']);
    expect(await walk(', skill: "nothing"', 2)).toEqual([]);
  });

  test('whoever was erased is in no list and in no count', async () => {
    const gone = { username: 'gone', type: 'DEVELOPER', skills: ['proofs'] };
    await bench.mutate('gone', 'registerCreator', gone, 'creator { id }');
    expect(await walk(', orderBy: USERNAME', 2)).toEqual(byName.toSpliced(byName.indexOf('grace'), 0, 'gone'));
    const consent = { expectedVersion: 1, confirmUsername: 'gone' };
    expect(await bench.mutate('gone', 'eraseCreator', consent, 'keyId')).toMatchObject({ userErrors: [] });
    for (const pageSize of [1, 2, 100]) expect(await walk('', pageSize)).toEqual([...people].reverse());
    expect(await walk(', orderBy: OLDEST, type: DEVELOPER', 2)).toEqual(['alan', 'Edsger', 'Donald']);
  });

  test('a page of no size, too large, or after a foreign cursor: told by argument', async () => {
    for (const first of [0, -1, 101])
      expect(await codeOf(`{ creators(first: ${first}) { totalCount } }`)).toEqual({
        code: 'BAD_USER_INPUT',
        argument: 'first',
      });
    expect(await codeOf('{ creators(after: "abc") { totalCount } }')).toEqual({
      code: 'BAD_USER_INPUT',
      argument: 'after',
    });
    const { creators } = await bench.query<Page>(
      null,
      '{ creators(first: 1) { nodes { username } totalCount pageInfo { hasNextPage endCursor } } }',
    );
    expect(
      await codeOf(`{ creators(after: "${creators.pageInfo.endCursor ?? ''}", orderBy: USERNAME) { totalCount } }`),
    ).toEqual({ code: 'BAD_USER_INPUT', argument: 'after' });
    expect(await codeOf('{ creators(skill: "") { totalCount } }')).toEqual({
      code: 'BAD_USER_INPUT',
      argument: 'skill',
    });
  });
});

describe('one by one', () => {
  test('by id and by name; never by both or none', async () => {
    const id = ids.get('Barbara') as string;
    expect(await bench.query(null, `{ creator(id: "${id}") { username viewerIsMe } }`)).toEqual({
      creator: { username: 'Barbara', viewerIsMe: false },
    });
    expect(await bench.query(null, '{ creator(username: "BARBARA") { id } }')).toEqual({ creator: { id } });
    expect(await bench.query(null, '{ creator(id: "unknown") { id } }')).toEqual({ creator: null });
    expect(await codeOf('{ creator { id } }')).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await codeOf(`{ creator(id: "${id}", username: "barbara") { id } }`)).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });

  test('nodes of other subgraphs are named where they say so, bookkeeping is not', async () => {
    const space = {
      name: 'n',
      kind: 'SOCIAL',
      description: '',
      capacity: 1,
      createdBy: '',
      createdAt: '2024-01-01T00:00:00.000Z',
    } as const;
    await engines.store.transact((tx) => tx.put({ type: 'Space', id: 'space-1', props: space }));
    const alan = ids.get('alan') as string;
    const [key] = await engines.store.findUnique('SubjectKey', 'subject', [alan]);
    await engines.store.transact((tx) => tx.put({ type: 'Space', id: 'space-2', props: space }));
    const asked = [alan, 'space-1', 'space-2', key?.id ?? '', `chain|Creator|${alan}`, 'unknown'];
    const operation =
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Creator { username } } node(id: "space-1") { id } }';
    expect(await bench.query(null, operation, { ids: asked })).toEqual({
      nodes: [
        { __typename: 'Creator', id: alan, username: 'alan' },
        { __typename: 'Space', id: 'space-1' },
        null,
        null,
        null,
        null,
      ],
      node: { id: 'space-1' },
    });
    expect(await codeOf(`{ nodes(ids: [${'"x",'.repeat(101)}]) { id } }`)).toEqual({
      code: 'BAD_USER_INPUT',
      argument: 'ids',
    });
  });

  test('as the gateway asks: entities in the order of the references, null where there is none', async () => {
    const names = ['grace', 'alan', 'grace'];
    const asked = [...names.map((name) => ids.get(name) as string), 'unknown'];
    expect(await bench.entities(null, 'Creator', asked, 'id displayName')).toEqual([
      ...names.map((displayName) => ({ id: ids.get(displayName), displayName })),
      null,
    ]);
  });
});
