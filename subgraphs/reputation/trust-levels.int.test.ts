import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { whenDrained } from '../../bench/shared/canon-run.ts';
import { type ReputationRun, startReputation } from '../../bench/shared/reputation-run.ts';
import { dimensions } from '../../schema/graph/catalogue.ts';
import { communityEvents, member } from '../../streams/reputation/testing.ts';
import { destroyKey, erasedIdentity } from '../shared/sealing.ts';
import { createSubgraphExecutor } from '../shared/subgraph-executor.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { type ScorePoint, settleStanding } from './commands/standings.ts';
import { createLevelKeeper } from './level-keeper.ts';
import { createReputationSubgraph } from './subgraph.ts';
import { putCreator } from './testing.ts';

// Goal: levels follow the scores with patience, say why, and take no income without a human.
const membersCount = 12;
const dayMs = 86_400_000;
let nowMs = Date.UTC(2024, 7, 1);
let root: string;
let run: ReputationRun;
let bench: SubgraphBench;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-levels-'));
  run = await startReputation({ directory: root, seeds: [member(0)] });
  for (let n = 0; n < membersCount; n++) await putCreator(run.store, member(n), dimensions);
  const events = communityEvents({ members: membersCount, events: 600 });
  for (let at = 0; at < events.length; at += 50) {
    await run.append(events.slice(at, at + 50));
    await whenDrained(run.stages);
  }
  bench = createBench(createReputationSubgraph(), run, { wall: { nowUs: () => nowMs * 1000 } });
}, 60_000);
afterAll(async () => {
  await run.stop();
  await rm(root, { recursive: true, force: true });
});

interface Trust {
  readonly level: number;
  readonly name: string;
  readonly capabilities: readonly string[];
  readonly lossProposedAt: string | null;
  readonly decisions: {
    readonly nodes: readonly {
      readonly outcome: string;
      readonly from: number;
      readonly to: number;
      readonly decidedAt: string;
      readonly reasons: readonly string[];
    }[];
  } | null;
}
const fields =
  'trustLevel { level name capabilities lossProposedAt decisions { nodes { outcome from to decidedAt reasons } } }';

async function trustOf(login: string | null, id: string): Promise<Trust> {
  const [found] = await bench.entities<{ trustLevel: Trust }>(login, 'Creator', [id], fields);
  return found?.trustLevel as Trust;
}

async function review(login: string, creatorId: string, isConfirmed: boolean): Promise<unknown> {
  const execute = createSubgraphExecutor(createReputationSubgraph(), bench.dependencies);
  const query =
    'mutation ($input: ReviewLevelLossInput!) { reviewLevelLoss(input: $input) { creator { id } eventIds userErrors { code } } }';
  const variables = { input: { creatorId, isConfirmed, reason: 'The works were taken down.' } };
  const { data } = await execute(
    { query, variables },
    { ...bench.claimsOf(login), scopes: ['read', 'write', 'guardian'] },
  );
  return data?.['reviewLevelLoss'];
}

/** Lets a standing follow these scores on the bench's clock. */
function settle(creatorId: string, points: readonly ScorePoint[]): Promise<number> {
  const { store, masterKey, clock } = bench.dependencies;
  let id = 0;
  return store.transact((tx) =>
    settleStanding(
      {
        tx,
        actor: { id: 'system:trust-levels', source: 'SYSTEM' },
        masterKey,
        region: 'test',
        hlc: () => clock.now(),
        nowIso: new Date(nowMs).toISOString(),
        newId: () => `level-${creatorId}-${nowMs}-${id++}`,
      },
      { creatorId, points },
    ),
  );
}

describe('trust levels', () => {
  test('follow the history of the scores, are decided once, and tell strangers the level alone', async () => {
    const keeper = createLevelKeeper(bench.dependencies);
    const decisions = await keeper.settleAll();
    expect(decisions).toBeGreaterThan(3);
    expect(await keeper.settleAll()).toBe(0);
    expect(await createLevelKeeper(bench.dependencies).settleAll()).toBe(0);
    let logged = 0;
    for (let n = 0; n < membersCount; n++) {
      const own = await trustOf(member(n), member(n));
      const log = own.decisions?.nodes ?? [];
      expect(
        log.reduce((level, { outcome, from, to }) => level + (outcome === 'LOSS_PROPOSED' ? 0 : to - from), 0),
      ).toBe(own.level);
      for (const { reasons } of log) expect(reasons.join()).toMatch(/lower end of \d+/);
      logged += log.length;
      expect(await trustOf(null, member(n))).toMatchObject({ level: own.level, decisions: null, lossProposedAt: null });
    }
    expect(logged).toBe(decisions);
    const events = (await bench.events()).filter(({ type }) => type === 'reputation.level-decided');
    expect(events).toHaveLength(decisions);
    expect(new Set(events.map(({ source }) => source))).toEqual(new Set(['SYSTEM']));
  });

  test('who had all but the age for a level gains it when they are of age, though no score changes', async () => {
    await putCreator(run.store, 'young', []);
    const todayMs = nowMs;
    nowMs = Date.UTC(2024, 0, 3);
    expect(await settle('young', [{ dimension: 'QUALITY', low: 72, evidence: 40, atMs: nowMs, logOffset: 1 }])).toBe(0);
    nowMs = todayMs;
    await createLevelKeeper(bench.dependencies).settleAll();
    expect(await trustOf('young', 'young')).toMatchObject({
      level: 1,
      decisions: { nodes: [{ outcome: 'GAINED', to: 1, decidedAt: '2024-01-15T00:00:00.000Z' }] },
    });
  });

  test('who was never decided about is a novice, who may publish', async () => {
    await putCreator(run.store, 'new', []);
    expect(await trustOf(null, 'new')).toMatchObject({
      level: 0,
      name: 'NOVICE',
      capabilities: ['work.publish', 'work.judge'],
    });
  });

  test('everybody reads their own level, as the gateway does for its policies', async () => {
    const own = async (login: string | null): Promise<unknown> =>
      (await bench.query<{ viewerTrustLevel: unknown }>(login, '{ viewerTrustLevel { level } }')).viewerTrustLevel;
    const { level } = await trustOf(null, member(1));
    expect(await own(member(1))).toEqual({ level });
    expect(await own(null)).toBeNull();
    expect(await own('nobody registered')).toBeNull();
  });

  test('a loss that touches income waits for a human, after a week’s notice, who is not oneself', async () => {
    await putCreator(run.store, 'earner', []);
    await putCreator(run.store, 'judge', []);
    const point = (low: number, atMs: number, logOffset: number): ScorePoint[] =>
      (['QUALITY', 'MENTORSHIP'] as const).map((dimension) => ({ dimension, low, evidence: 40, atMs, logOffset }));
    const rise = point(72, nowMs - 60 * dayMs, 1).map((one, index) => ({ ...one, logOffset: 1 + index }));
    const fall = point(20, nowMs - 20 * dayMs, 3).map((one, index) => ({ ...one, logOffset: 3 + index }));
    await settle('earner', [...rise, ...fall]);
    const proposed = await trustOf('earner', 'earner');
    expect(proposed).toMatchObject({ level: 2, name: 'VERIFIED', lossProposedAt: expect.any(String) });
    expect(proposed.capabilities).toContain('work.monetise');
    const notice = Date.parse(proposed.lossProposedAt ?? '');
    nowMs = notice + 6 * dayMs;
    expect(await settle('earner', [])).toBe(0);
    expect(await review('earner', 'earner', false)).toMatchObject({ userErrors: [{ code: 'SELF_REFERENCE' }] });
    nowMs = Math.max(nowMs, Date.UTC(2024, 7, 2));
    const early = notice + 7 * dayMs > nowMs;
    expect(await review('judge', 'earner', true)).toMatchObject({ userErrors: early ? [{ code: 'CONFLICT' }] : [] });
    nowMs += 30 * dayMs;
    if (early)
      expect(await review('judge', 'earner', true)).toMatchObject({ creator: { id: 'earner' }, userErrors: [] });
    expect(await trustOf('earner', 'earner')).toMatchObject({ level: 1, lossProposedAt: null });
    expect((await trustOf('earner', 'earner')).capabilities).not.toContain('work.monetise');
    expect(await review('judge', 'earner', true)).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] });
  });

  test('a human’s decision starts the clocks anew: whoever stays below is proposed again, or falls on, though no score changes', async () => {
    const keeper = createLevelKeeper(bench.dependencies);
    const points = (low: number, daysAgo: number, logOffset: number): ScorePoint[] =>
      (['QUALITY', 'MENTORSHIP'] as const).map((dimension, index) => {
        const atMs = nowMs - daysAgo * dayMs;
        return { dimension, low, evidence: 40, atMs, logOffset: logOffset + index };
      });
    for (const id of ['spared', 'fallen']) {
      await putCreator(run.store, id, []);
      await settle(id, [...points(72, 60, 1), ...points(20, 20, 3)]);
    }
    nowMs += 10 * dayMs;
    expect(await review('judge', 'spared', false)).toMatchObject({ userErrors: [] });
    expect(await review('judge', 'fallen', true)).toMatchObject({ userErrors: [] });
    expect(await trustOf('spared', 'spared')).toMatchObject({ level: 2, lossProposedAt: null });
    const decidedMs = nowMs;
    nowMs += 15 * dayMs;
    await keeper.settleAll();
    const againAt = new Date(decidedMs + 14 * dayMs).toISOString();
    expect(await trustOf('spared', 'spared')).toMatchObject({ level: 2, lossProposedAt: againAt });
    const fallen = await trustOf('fallen', 'fallen');
    expect(fallen).toMatchObject({ level: 0, lossProposedAt: null });
    expect(fallen.decisions?.nodes).toContainEqual(
      expect.objectContaining({ outcome: 'LOST', from: 1, to: 0, decidedAt: againAt }),
    );
  });

  test('of whoever was erased nothing is decided by time or by the scores that they no longer have', async () => {
    await putCreator(run.store, 'gone', []);
    const rise = (['QUALITY', 'MENTORSHIP'] as const).map((dimension, index) => {
      return { dimension, low: 72, evidence: 40, atMs: nowMs - 60 * dayMs, logOffset: 1 + index };
    });
    await settle('gone', rise);
    await run.store.transact(async (tx) => {
      await destroyKey(tx, 'gone');
      await tx.patch('Creator', 'gone', { identity: erasedIdentity('gone'), state: 'MIGRATED' });
    });
    const about = async (): Promise<number> =>
      (await bench.events()).filter((event) => JSON.stringify(event).includes('"gone"')).length;
    const before = await about();
    expect(before).toBeGreaterThan(0);
    const empty = rise.map((one) => ({ ...one, low: 0, evidence: 0, atMs: nowMs, logOffset: one.logOffset + 2 }));
    expect(await settle('gone', empty)).toBe(0);
    nowMs += 60 * dayMs;
    await createLevelKeeper(bench.dependencies).settleAll();
    expect(await about()).toBe(before);
  });

  test('a loss of somebody who was erased since is decided, and no word is written about them', async () => {
    await putCreator(run.store, 'leaver', []);
    const points = (low: number, daysAgo: number, logOffset: number): ScorePoint[] =>
      (['QUALITY', 'MENTORSHIP'] as const).map((dimension, index) => {
        const atMs = nowMs - daysAgo * dayMs;
        return { dimension, low, evidence: 40, atMs, logOffset: logOffset + index };
      });
    await settle('leaver', [...points(72, 60, 1), ...points(20, 20, 3)]);
    await run.store.transact(async (tx) => {
      await destroyKey(tx, 'leaver');
      await tx.patch('Creator', 'leaver', { identity: erasedIdentity('leaver'), state: 'MIGRATED' });
    });
    nowMs += 30 * dayMs;
    const answer = await review('judge', 'leaver', true);
    expect(answer).toMatchObject({ eventIds: [expect.any(String)], userErrors: [] });
    const event = (await bench.events()).find(({ id }) => JSON.stringify(answer).includes(id));
    expect(event).toMatchObject({ type: 'reputation.level-decided', sealed: [] });
  });
});
