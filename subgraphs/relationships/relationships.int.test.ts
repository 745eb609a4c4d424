import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import { topics } from '../../schema/topics.ts';
import { type MutationOutcome, type SubgraphBench, createBench } from '../shared/testing.ts';
import { createRelationshipsSubgraph } from './subgraph.ts';
import { seedCreators, seedErased } from './testing.ts';

// Goal: through the subgraph's own schema, on the real store: relationships begin and end, and everybody sees what is theirs to see.
let engines: EmbeddedEngines;
let bench: SubgraphBench;
beforeAll(async () => {
  engines = await openEmbeddedEngines();
  bench = createBench(createRelationshipsSubgraph(), engines);
  await seedCreators(engines.store, ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay', 'gus', 'hal']);
});
afterAll(() => engines.close());

interface Result {
  readonly creator: { readonly id: string } | null;
}
const mutate = (login: string, name: string, input: object): Promise<Result & MutationOutcome> =>
  bench.mutate<Result>(login, name, input, 'creator { id }');
const entities = <T>(login: string | null, ids: readonly string[], fields: string): Promise<readonly T[]> =>
  bench.entities<T>(login, 'Creator', ids, fields);

describe('following', () => {
  test('begins, is seen from both sides, and ends', async () => {
    const before = (await bench.events()).length;
    expect(await mutate('ada', 'follow', { creatorId: 'bob' })).toMatchObject({
      creator: { id: 'bob' },
      userErrors: [],
    });
    expect(await mutate('ada', 'follow', { creatorId: 'bob' })).toMatchObject({
      creator: null,
      userErrors: [{ code: 'ALREADY_DONE', path: ['input', 'creatorId'] }],
    });
    const fields =
      'id followerCount followingCount viewerFollows followers { totalCount nodes { id } edges { since } } following { nodes { id } }';
    expect(await entities('ada', ['bob', 'ada'], fields)).toMatchObject([
      { id: 'bob', followerCount: 1, viewerFollows: true, followers: { totalCount: 1, nodes: [{ id: 'ada' }] } },
      { id: 'ada', followingCount: 1, viewerFollows: false, following: { nodes: [{ id: 'bob' }] } },
    ]);
    expect(await mutate('ada', 'unfollow', { creatorId: 'bob' })).toMatchObject({ creator: { id: 'bob' } });
    expect(await mutate('ada', 'unfollow', { creatorId: 'bob' })).toMatchObject({
      userErrors: [{ code: 'ALREADY_DONE' }],
    });
    const events = (await bench.events()).slice(before);
    expect(events.map(({ type, entityVersion }) => `${type} ${entityVersion}`)).toEqual([
      'relationship.followed 1',
      'relationship.unfollowed 2',
    ]);
    expect(new Set(events.map(({ entity }) => entity.id)).size).toBe(1);
  });

  test.each([
    ['oneself', 'ada', 'SELF_REFERENCE'],
    ['nobody known', 'unknown', 'NOT_FOUND'],
  ])('%s is refused', async (_name, creatorId, code) => {
    for (const mutation of ['follow', 'unfollow', 'block', 'unblock'])
      expect(await mutate('ada', mutation, { creatorId })).toMatchObject({
        creator: null,
        eventIds: [],
        userErrors: [{ code }],
      });
    expect(await mutate('ada', 'endorse', { creatorId, skill: 'oil' })).toMatchObject({ userErrors: [{ code }] });
    expect(await mutate('ada', 'startMentorship', { mentorId: creatorId })).toMatchObject({
      userErrors: [{ code, path: ['input', 'mentorId'] }],
    });
  });

  test('nothing begins with somebody who has left; what stands ends', async () => {
    await seedCreators(engines.store, ['ivo']);
    await mutate('ada', 'follow', { creatorId: 'ivo' });
    await engines.store.transact((tx) => tx.patch('Creator', 'ivo', { state: 'MIGRATED' }));
    const closed = { eventIds: [], userErrors: [{ code: 'INVALID' }] };
    expect(await mutate('ada', 'endorse', { creatorId: 'ivo', skill: 'oil' })).toMatchObject(closed);
    expect(await mutate('ada', 'startMentorship', { mentorId: 'ivo' })).toMatchObject(closed);
    expect(await mutate('ada', 'unfollow', { creatorId: 'ivo' })).toMatchObject({ creator: { id: 'ivo' } });
    expect(await mutate('ada', 'follow', { creatorId: 'ivo' })).toMatchObject(closed);
  });

  test.each(['ARCHIVED', 'MIGRATED'] as const)('who is %s begins nothing; what stands they end', async (state) => {
    const away = `away-${state.toLowerCase()}`;
    await seedCreators(engines.store, [away]);
    await mutate(away, 'follow', { creatorId: 'ada', idempotencyKey: 'kept' });
    await engines.store.transact((tx) => tx.patch('Creator', away, { state }));
    const refused = { creator: null, eventIds: [], userErrors: [{ code: 'FORBIDDEN', path: ['input'] }] };
    expect(await mutate(away, 'follow', { creatorId: 'bob' })).toEqual(refused);
    expect(await mutate(away, 'endorse', { creatorId: 'bob', skill: 'oil' })).toEqual(refused);
    expect(await mutate(away, 'startMentorship', { mentorId: 'bob' })).toEqual(refused);
    // A repeated request has its first answer.
    const first = { creator: { id: 'ada' }, userErrors: [] };
    expect(await mutate(away, 'follow', { creatorId: 'ada', idempotencyKey: 'kept' })).toMatchObject(first);
    expect(await mutate(away, 'unfollow', { creatorId: 'ada' })).toMatchObject(first);
  });

  test('with somebody erased nothing begins any more, and what stood can be ended', async () => {
    await seedCreators(engines.store, ['gone']);
    await mutate('ada', 'follow', { creatorId: 'gone' });
    await seedErased(engines.store, 'gone');
    for (const mutation of ['follow', 'block'])
      expect(await mutate('bob', mutation, { creatorId: 'gone' })).toMatchObject({
        userErrors: [{ code: 'NOT_FOUND', path: ['input', 'creatorId'] }],
      });
    expect(await mutate('bob', 'endorse', { creatorId: 'gone', skill: 'oil' })).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND' }],
    });
    expect(await mutate('bob', 'startMentorship', { mentorId: 'gone' })).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND', path: ['input', 'mentorId'] }],
    });
    expect(await mutate('ada', 'unfollow', { creatorId: 'gone' })).toMatchObject({
      creator: { id: 'gone' },
      userErrors: [],
    });
  });

  test('a second mutation of one operation sees, and tells, what the first did', async () => {
    const follow = (name: string, creatorId: string): string =>
      `${name}: follow(input: { creatorId: "${creatorId}" }) { creator { followerCount viewerFollows } }`;
    const data = await bench.query(
      'gus',
      `mutation { ${follow('a', 'hal')} unfollow(input: { creatorId: "hal" }) { creator { followerCount viewerFollows } } ${follow('b', 'hal')} }`,
    );
    const followed = { creator: { followerCount: 1, viewerFollows: true } };
    expect(data).toEqual({
      a: followed,
      unfollow: { creator: { followerCount: 0, viewerFollows: false } },
      b: followed,
    });
  });
});

describe('endorsing', () => {
  const endorsements = '{ totalCount edges { node { id } weight skill dimension note } }';
  test('a skill and a dimension, each once; revoked one by one', async () => {
    await mutate('ada', 'endorse', { creatorId: 'bob', skill: ' Oil ', weight: 5, note: 'canary-note-of-ada' });
    await mutate('ada', 'endorse', { creatorId: 'bob', dimension: 'QUALITY' });
    expect(await mutate('ada', 'endorse', { creatorId: 'bob', skill: 'OIL' })).toMatchObject({
      userErrors: [{ code: 'ALREADY_DONE' }],
    });
    const [bob] = await entities<{ endorsements: { totalCount: number; edges: unknown[] } }>(
      null,
      ['bob'],
      `endorsements ${endorsements}`,
    );
    expect(bob?.endorsements.totalCount).toBe(2);
    expect(bob?.endorsements.edges).toEqual(
      expect.arrayContaining([
        { node: { id: 'ada' }, weight: 5, skill: 'oil', dimension: null, note: 'canary-note-of-ada' },
        { node: { id: 'ada' }, weight: 3, skill: null, dimension: 'QUALITY', note: '' },
      ]),
    );
    await mutate('ada', 'revokeEndorsement', { creatorId: 'bob', skill: 'oil' });
    expect(await entities(null, ['bob'], `endorsements ${endorsements}`)).toMatchObject([
      { endorsements: { totalCount: 1, edges: [{ dimension: 'QUALITY' }] } },
    ]);
    expect(await mutate('ada', 'revokeEndorsement', { creatorId: 'bob', skill: 'oil' })).toMatchObject({
      userErrors: [{ code: 'ALREADY_DONE' }],
    });
  });

  test('the note is sealed, and what a mentorship is about: their words are not in the log', async () => {
    await mutate('gus', 'startMentorship', { mentorId: 'hal', topic: 'unspeakable sonnets' });
    const records = await engines.eventLog.read({ topic: topics.events.name, partition: 0, from: 0, limit: 10_000 });
    const log = records.map(({ value }) => value).join('\n');
    for (const words of ['canary-note', 'unspeakable sonnets']) expect(log).not.toContain(words);
  });

  test.each([
    ['neither skill nor dimension', {}, ['input', 'skill']],
    ['both', { skill: 'oil', dimension: 'QUALITY' }, ['input', 'dimension']],
    ['too much', { skill: 'oil', weight: 6 }, ['input', 'weight']],
    ['too many words', { skill: 'oil', note: 'x'.repeat(501) }, ['input', 'note']],
  ])('%s: refused', async (_name, input, path) => {
    expect(await mutate('ada', 'endorse', { creatorId: 'bob', ...input })).toMatchObject({
      creator: null,
      userErrors: [{ code: 'INVALID', path }],
    });
  });
});

describe('mentoring', () => {
  test('begins by the word of the one who learns, and ends by either’s', async () => {
    expect(await mutate('cyd', 'startMentorship', { mentorId: 'dan', topic: 'proofs' })).toMatchObject({
      creator: { id: 'dan' },
      userErrors: [],
    });
    const [cyd, dan] = await entities(
      null,
      ['cyd', 'dan'],
      'mentors { edges { topic node { id } } } mentees { totalCount nodes { id } }',
    );
    expect(cyd).toMatchObject({
      mentors: { edges: [{ topic: 'proofs', node: { id: 'dan' } }] },
      mentees: { totalCount: 0 },
    });
    expect(dan).toMatchObject({ mentors: { edges: [] }, mentees: { totalCount: 1, nodes: [{ id: 'cyd' }] } });
    const both = { mentorId: 'dan', menteeId: 'cyd' };
    expect(await mutate('eve', 'endMentorship', both)).toMatchObject({ userErrors: [{ code: 'FORBIDDEN' }] });
    expect(await mutate('dan', 'endMentorship', both)).toMatchObject({ creator: { id: 'cyd' }, userErrors: [] });
    expect(await mutate('cyd', 'endMentorship', both)).toMatchObject({ userErrors: [{ code: 'ALREADY_DONE' }] });
  });
});

describe('blocking', () => {
  test('ends follows both ways, forbids new beginnings, and is its owner’s to see', async () => {
    await mutate('eve', 'follow', { creatorId: 'fay' });
    await mutate('fay', 'follow', { creatorId: 'eve' });
    const before = (await bench.events()).length;
    const answer = await mutate('eve', 'block', { creatorId: 'fay' });
    const events = (await bench.events()).slice(before);
    expect(answer.eventIds).toEqual(events.map(({ id }) => id));
    expect(events).toMatchObject([
      { type: 'relationship.blocked', payload: { fromId: 'eve', toId: 'fay' }, causedBy: [] },
      {
        type: 'relationship.unfollowed',
        payload: { fromId: 'eve', toId: 'fay' },
        causedBy: [events[0]?.id],
        entityVersion: 2,
      },
      {
        type: 'relationship.unfollowed',
        payload: { fromId: 'fay', toId: 'eve' },
        causedBy: [events[0]?.id],
        entityVersion: 2,
      },
    ]);
    for (const [login, creatorId] of [
      ['fay', 'eve'],
      ['eve', 'fay'],
    ] as const) {
      expect(await mutate(login, 'follow', { creatorId })).toMatchObject({ userErrors: [{ code: 'BLOCKED' }] });
      expect(await mutate(login, 'endorse', { creatorId, skill: 'oil' })).toMatchObject({
        userErrors: [{ code: 'BLOCKED' }],
      });
      expect(await mutate(login, 'startMentorship', { mentorId: creatorId })).toMatchObject({
        userErrors: [{ code: 'BLOCKED' }],
      });
    }
    const fields = 'followerCount viewerBlocks blocked { totalCount nodes { id } edges { since } }';
    expect(await entities('eve', ['eve', 'fay'], fields)).toMatchObject([
      { followerCount: 0, viewerBlocks: false, blocked: { totalCount: 1, nodes: [{ id: 'fay' }] } },
      { viewerBlocks: true, blocked: null },
    ]);
    for (const login of ['fay', null])
      expect(await entities(login, ['eve'], fields)).toMatchObject([{ viewerBlocks: false, blocked: null }]);
  });

  test('lifted, everything may begin anew', async () => {
    expect(await mutate('eve', 'unblock', { creatorId: 'fay' })).toMatchObject({ userErrors: [] });
    expect(await mutate('eve', 'unblock', { creatorId: 'fay' })).toMatchObject({
      userErrors: [{ code: 'ALREADY_DONE' }],
    });
    expect(await mutate('fay', 'follow', { creatorId: 'eve' })).toMatchObject({ userErrors: [] });
  });
});
