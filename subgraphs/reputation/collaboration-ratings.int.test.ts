import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type SqliteEngines, openSqliteEngines } from '../../engines/sqlite/open-engines.ts';
import { hlcToIso } from '../../schema/hlc.ts';
import { type GivenEvidence, givenSchema } from '../../schema/reputation/evidence.ts';
import { topics } from '../../schema/topics.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { publishDue } from './commands/collaboration-ratings.ts';
import { createReputationSubgraph } from './subgraph.ts';
import { putCreator } from './testing.ts';

// Goal: two who worked together rate each other blindly; both ratings reach the log of evidence in one commit, and nothing tells of them before.
const dayMs = 86_400_000;
let nowMs = Date.UTC(2024, 0, 1);
let root: string;
let engines: SqliteEngines;
let bench: SubgraphBench;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-ratings-'));
  engines = openSqliteEngines({ directory: root });
  await engines.eventLog.ensureTopics(Object.values(topics).map((spec) => ({ ...spec, partitions: 1 })));
  for (const name of ['ann', 'bob', 'cid', 'stranger']) await putCreator(engines.store, name, []);
  const props = { since: '2024-01-01T00:00:00.000Z', weight: 1 };
  await engines.store.transact(async (tx) => {
    await tx.link({ type: 'COLLABORATES_WITH', from: 'ann', to: 'bob', props });
    await tx.link({ type: 'COLLABORATES_WITH', from: 'ann', to: 'cid', props });
  });
  bench = createBench(createReputationSubgraph(), engines, {
    wall: { nowUs: () => nowMs * 1_000 },
    reputationSeeds: ['ann', 'gone', 'bob', 'cid', 'ann2', 'stranger'],
  });
});
afterAll(async () => {
  await engines.eventLog.close();
  await engines.store.close();
  await rm(root, { recursive: true, force: true });
});

const rate = (actor: string, creatorId: string, rating: number): Promise<unknown> =>
  bench.mutate(actor, 'rateCollaboration', { creatorId, rating }, 'isPublished dueAt');

async function textsOf(topic: string): Promise<readonly string[]> {
  const records = await engines.eventLog.read({ topic, partition: 0, from: 0, limit: 100 });
  return records.map(({ value }) => value ?? '');
}
const evidence = async (): Promise<readonly GivenEvidence[]> =>
  (await textsOf(topics.reputationEvidence.name)).map((text) => givenSchema.parse(JSON.parse(text)));

async function waitingFor(login: string | null, creatorId: string): Promise<unknown> {
  const [found] = await bench.entities(login, 'Creator', [creatorId], 'ratingsDue { nodes { partner { id } dueAt } }');
  return (found as { ratingsDue: { nodes: unknown } | null }).ratingsDue?.nodes ?? null;
}

test('the first rating waits unseen, the second publishes both at the same instant', async () => {
  const dueAt = new Date(nowMs + 14 * dayMs).toISOString();
  expect(await rate('ann', 'bob', 1)).toMatchObject({ isPublished: false, dueAt, userErrors: [] });
  expect(await waitingFor('bob', 'bob')).toEqual([{ partner: { id: 'ann' }, dueAt }]);
  expect([await waitingFor('ann', 'bob'), await waitingFor(null, 'bob')]).toEqual([null, null]);
  expect(await evidence()).toEqual([]);
  expect(await rate('ann', 'bob', 5)).toMatchObject({ userErrors: [{ code: 'ALREADY_DONE' }] });

  nowMs += dayMs;
  expect(await rate('bob', 'ann', 4)).toMatchObject({ isPublished: true, dueAt: null, userErrors: [] });
  const pieces = await evidence();
  expect(pieces.map(({ source, target, weight, atMs }) => [source, target, weight, atMs])).toEqual([
    ['ann', 'bob', -1, nowMs],
    ['bob', 'ann', 0.5, nowMs],
  ]);
  expect(new Set(pieces.map(({ eventId }) => eventId)).size).toBe(1);
  // What everybody can read says that they rated, not how.
  expect((await textsOf(topics.events.name)).join()).not.toMatch(/"rating"|weight/);
  expect(await waitingFor('bob', 'bob')).toEqual([]);
  expect(await rate('bob', 'ann', 1)).toMatchObject({ userErrors: [{ code: 'ALREADY_DONE' }] });
});

test('a rating that nobody answers is published alone when its time is over', async () => {
  await rate('ann', 'cid', 5);
  const before = (await evidence()).length;
  const settle = (): Promise<boolean> =>
    engines.store.transact((tx) => {
      const { masterKey, clock, region } = bench.dependencies;
      const actor = { id: 'system:trust-levels', source: 'SYSTEM' } as const;
      const nowIso = hlcToIso(clock.now());
      const newId = (): string => `event-${nowMs}`;
      return publishDue({ tx, actor, masterKey, region, hlc: () => clock.now(), nowIso, newId }, 'round|ann|cid');
    });
  expect(await settle()).toBe(false);
  nowMs += 14 * dayMs;
  expect(await rate('cid', 'ann', 1)).toMatchObject({ userErrors: [{ code: 'ALREADY_DONE' }] });
  expect([await settle(), await settle()]).toEqual([true, false]);
  expect((await evidence()).slice(before)).toMatchObject([{ source: 'ann', target: 'cid', weight: 1 }]);
});

test('whoever has not worked with somebody, or rates themselves or nobody, is refused', async () => {
  expect(await rate('ann', 'stranger', 5)).toMatchObject({
    userErrors: [{ code: 'INVALID', path: ['input', 'creatorId'] }],
  });
  expect(await rate('ann', 'ann', 5)).toMatchObject({ userErrors: [{ code: 'SELF_REFERENCE' }] });
  expect(await rate('ann', 'nobody', 5)).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] });
  expect(await rate('ann', 'bob', 9)).toMatchObject({ userErrors: [{ code: 'INVALID', path: ['input', 'rating'] }] });
});

test('everybody can see in whom trust begins, and in which of the groups', async () => {
  const { reputationSeeds } = await bench.query<{ reputationSeeds: readonly unknown[] }>(
    null,
    '{ reputationSeeds { creator { id } group isServing } }',
  );
  expect(reputationSeeds).toEqual([
    { creator: { id: 'ann' }, group: 1, isServing: true },
    { creator: null, group: 2, isServing: true },
    { creator: { id: 'bob' }, group: 3, isServing: true },
    { creator: { id: 'cid' }, group: 4, isServing: true },
    { creator: null, group: 5, isServing: true },
    { creator: { id: 'stranger' }, group: 1, isServing: true },
  ]);
});
