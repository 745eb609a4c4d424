import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { whenDrained } from '../../bench/shared/canon-run.ts';
import { type ReputationRun, startReputation } from '../../bench/shared/reputation-run.ts';
import { type Dimension, dimensions } from '../../schema/graph/catalogue.ts';
import { liveSources } from '../../schema/live.ts';
import { topics } from '../../schema/topics.ts';
import { communityEvents, member } from '../../streams/reputation/testing.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { createReputationSubgraph } from './subgraph.ts';
import { putCreator } from './testing.ts';

// Goal: what the streams wrote down is read through the subgraph's own schema: by whom it may be, explained to the last point.
const membersCount = 30;
const hidden = member(1);
let root: string;
let run: ReputationRun;
let bench: SubgraphBench;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-reputation-'));
  run = await startReputation({ directory: root, seeds: [member(0)] });
  for (let n = 0; n < membersCount; n++)
    await putCreator(run.store, member(n), member(n) === hidden ? ['COMMUNITY'] : dimensions);
  await run.append(communityEvents({ members: membersCount, events: 1_000 }));
  await whenDrained(run.stages);
  bench = createBench(createReputationSubgraph(), run);
}, 60_000);
afterAll(async () => {
  await run.stop();
  await rm(root, { recursive: true, force: true });
});

interface Score {
  readonly id: string;
  readonly dimension: Dimension;
  readonly score: number;
  readonly interval: { readonly level: number; readonly low: number; readonly high: number };
  readonly band: string;
  readonly positive: number;
  readonly negative: number;
  readonly evidenceCount: number;
  readonly explanationSumsTo: { readonly positive: number; readonly negative: number };
  readonly evidence: {
    readonly nodes: readonly {
      readonly weight: number;
      readonly counted: number | null;
      readonly pointsNow: number;
      readonly occurredAt: string;
      readonly source: { id: string } | null;
      readonly attestedBy: string | null;
      readonly eventId: string | null;
      readonly refusal: string | null;
    }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

const scoreFields =
  'id dimension score interval { level low high } band positive negative evidenceCount explanationSumsTo { positive negative }';
const evidenceFields =
  'nodes { weight counted pointsNow occurredAt source { id } attestedBy eventId refusal } pageInfo { hasNextPage endCursor }';

async function scoresOf(
  login: string | null,
  creatorId: string,
  page = '',
  only: readonly Dimension[] | null = null,
): Promise<readonly Score[]> {
  const fields = page === '' ? scoreFields : `${scoreFields} evidence(${page}) { ${evidenceFields} }`;
  const query = `query ($id: ID!, $only: [Dimension!]) { reputation(creatorId: $id) { asOf dimensions(only: $only) { ${fields} } } }`;
  const data = await bench.query<{ reputation: { dimensions: readonly Score[] } }>(login, query, {
    id: creatorId,
    only,
  });
  return data.reputation.dimensions;
}

describe('scores', () => {
  test('every score of every creator adds up from its ledger within 1e-9, and lies in its interval', async () => {
    let seen = 0;
    for (let n = 0; n < membersCount; n++) {
      for (const score of await scoresOf(member(n), member(n))) {
        expect(Math.abs(score.explanationSumsTo.positive - score.positive)).toBeLessThan(1e-9);
        expect(Math.abs(score.explanationSumsTo.negative - score.negative)).toBeLessThan(1e-9);
        expect(score.interval).toMatchObject({ level: 0.8 });
        expect(score.interval.low).toBeLessThan(score.interval.high);
        expect(score.score).toBeCloseTo((100 * (score.positive + 2)) / (score.positive + 2 * score.negative + 2.5), 9);
        seen += 1;
      }
    }
    expect(seen).toBeGreaterThan(60);
  });

  test('a dimension that is not public is for its creator alone: others get the rest, and no error', async () => {
    const own = (await scoresOf(hidden, hidden)).map(({ dimension }) => dimension);
    expect(own).toEqual(dimensions.filter((dimension) => own.includes(dimension)));
    expect(own.length).toBeGreaterThan(1);
    for (const other of [null, member(2)])
      expect((await scoresOf(other, hidden)).map(({ dimension }) => dimension)).toEqual(
        own.filter((dimension) => dimension === 'COMMUNITY'),
      );
    expect(await bench.query(null, '{ reputation(creatorId: "nobody") { asOf } }')).toEqual({ reputation: null });
  });

  test('many creators cost one query for their scores', async () => {
    let queries = 0;
    const { warehouse } = run;
    const counting = Object.assign(Object.create(warehouse) as typeof warehouse, {
      query: <Row>(...call: Parameters<typeof warehouse.query>) => {
        queries += 1;
        return warehouse.query<Row>(...call);
      },
    });
    const counted = createBench(createReputationSubgraph(), { ...run, warehouse: counting });
    const representations = Array.from({ length: membersCount }, (_, n) => ({ __typename: 'Creator', id: member(n) }));
    const query =
      'query ($all: [_Any!]!) { _entities(representations: $all) { ... on Creator { reputation { asOf dimensions { id score } } } } }';
    const data = await counted.query<{ _entities: unknown[] }>(null, query, { all: representations });
    expect(data._entities).toHaveLength(membersCount);
    expect(queries).toBe(1);
  });

  test('bands are never better than their name', async () => {
    const bands = (await Promise.all(Array.from({ length: membersCount }, (_, n) => scoresOf(member(n), member(n)))))
      .flat()
      .filter(({ dimension }) => dimension === 'QUALITY');
    const sorted = bands.sort((a, b) => b.score - a.score);
    const share: Readonly<Record<string, number>> = {
      TOP_1: 0.01,
      TOP_10: 0.1,
      TOP_25: 0.25,
      TOP_50: 0.5,
      LOWER_50: 1,
    };
    for (const [rank, { band }] of sorted.entries())
      expect((rank + 1) / sorted.length).toBeLessThanOrEqual(share[band] ?? 0);
    expect(sorted.at(-1)?.band).toBe('LOWER_50');
  });
});

describe('the ledger', () => {
  test('pages hold every piece once, newest first, and add up to the score', async () => {
    const [score] = await scoresOf(null, member(3), 'first: 100');
    if (!score) throw new Error('no score');
    const nodes: Score['evidence']['nodes'][number][] = [];
    for (let after: string | null = ''; after !== null;) {
      const page = after === '' ? 'first: 7' : `first: 7, after: "${after}"`;
      const [found] = await scoresOf(null, member(3), page, [score.dimension]);
      nodes.push(...(found?.evidence.nodes ?? []));
      after = found?.evidence.pageInfo.hasNextPage ? found.evidence.pageInfo.endCursor : null;
    }
    expect(nodes).toEqual(score.evidence.nodes);
    expect(nodes.map(({ occurredAt }) => occurredAt)).toEqual(
      nodes
        .map(({ occurredAt }) => occurredAt)
        .sort()
        .reverse(),
    );
    const sum = (sign: 1 | -1): number =>
      nodes.reduce((total, { pointsNow }) => total + Math.max(0, sign * pointsNow), 0);
    expect(Math.abs(sum(1) - score.positive)).toBeLessThan(1e-9);
    expect(Math.abs(sum(-1) - score.negative)).toBeLessThan(1e-9);
    expect(nodes.filter(({ pointsNow }) => pointsNow !== 0)).toHaveLength(score.evidenceCount);
  });

  test('negative evidence tells nobody who gave it, not even the creator, nor do cursors', async () => {
    let seen = 0;
    for (let n = 0; n < membersCount; n++) {
      const answer = await scoresOf(member(n), member(n), 'first: 100');
      for (const { evidence } of answer) {
        for (const node of evidence.nodes.filter(({ weight }) => weight < 0)) {
          expect(node).toMatchObject({ counted: null, source: null, eventId: null });
          expect(node.occurredAt).toMatch(/T00:00:00\.000Z$/);
          seen += 1;
        }
        const cursor = Buffer.from(evidence.pageInfo.endCursor ?? '', 'base64url').toString('utf8');
        expect(cursor).not.toMatch(/event-|member-/);
      }
    }
    expect(seen).toBeGreaterThan(20);
  });

  test('goal: what was refused since its score last moved is in it, with its reason; what counts and whose score is on its way is not', async () => {
    const creatorId = member(3);
    const [before] = await scoresOf(null, creatorId, 'first: 100');
    if (!before) throw new Error('no score');
    const later = {
      creator_id: creatorId,
      dimension: before.dimension,
      rule: 'ENDORSED',
      source_id: member(4),
      source_kind: 'CREATOR',
      weight: 0.3,
      occurred_at: '2026-01-01 00:00:00.000',
      decay_at: '2026-01-01 00:00:00.000',
      version: 1_000_000,
    } as const;
    await run.warehouse.insert(
      'platform.reputation_evidence',
      [
        { ...later, event_id: 'refused later', trust: 0, counted: 0, refusal: 'REPEATED' },
        { ...later, event_id: 'counted later', trust: 1, counted: 0.3, refusal: '' },
      ],
      'after-the-score',
    );
    const [after] = await scoresOf(null, creatorId, 'first: 100', [before.dimension]);
    expect(after?.evidence.nodes[0]).toMatchObject({ eventId: 'refused later', pointsNow: 0, refusal: 'REPEATED' });
    expect(after?.evidence.nodes.slice(1)).toEqual(before.evidence.nodes.slice(0, 99));
    expect(after?.explanationSumsTo).toEqual(before.explanationSumsTo);
  });

  test('a cursor of another list, or none at all, and pages beyond the limit are refused by name', async () => {
    const [score, other] = await scoresOf(null, member(3), 'first: 1');
    const ask = async (page: string): Promise<unknown> =>
      (
        await bench.ask(
          null,
          `{ reputation(creatorId: "${member(3)}") { dimensions { evidence(${page}) { nodes { rule } } } } }`,
        )
      ).errors?.[0]?.extensions['argument'];
    expect(await ask(`after: "${score?.evidence.pageInfo.endCursor ?? ''}"`)).toBe('after');
    expect(await ask('after: "x"')).toBe('after');
    expect(await ask('first: 101')).toBe('first');
    expect(other).toBeDefined();
  });
});

describe('what everybody may know', () => {
  test('the distribution counts public scores only', async () => {
    const query =
      'query ($dimension: Dimension!) { reputationDistribution(dimension: $dimension) { dimension creators isComplete bins { low high creators } } }';
    interface Answer {
      readonly reputationDistribution: {
        readonly creators: number;
        readonly isComplete: boolean;
        readonly bins: readonly { readonly creators: number }[];
      };
    }
    const { reputationDistribution: spread } = await bench.query<Answer>(null, query, { dimension: 'QUALITY' });
    const shown = await Promise.all(Array.from({ length: membersCount }, (_, n) => scoresOf(null, member(n))));
    expect(spread.creators).toBe(shown.flat().filter(({ dimension }) => dimension === 'QUALITY').length);
    expect(spread.bins).toHaveLength(20);
    expect(spread.bins.reduce((sum, { creators }) => sum + creators, 0)).toBe(spread.creators);
    expect(spread.isComplete).toBe(true);
  });

  test('a live score is resolved from the log’s record, for those who may see it', async () => {
    const records = await run.eventLog.read({
      topic: topics.reputationScores.name,
      partition: 0,
      from: 0,
      limit: 10_000,
    });
    const source = liveSources['reputationChanged'];
    const live = (creatorId: string): Record<string, unknown> | undefined =>
      records
        .map(({ value }) => source?.represent(value, { creatorId }))
        .find((each) => each != null && String(each['id']).endsWith('.QUALITY')) ?? undefined;
    const query = 'query ($all: [_Any!]!) { _entities(representations: $all) { ... on ReputationScore { id score } } }';
    const ask = async (login: string | null, representation: unknown): Promise<unknown> =>
      (await bench.query<{ _entities: unknown[] }>(login, query, { all: [representation] }))._entities[0];
    const open = live(member(3));
    expect(await ask(null, open)).toMatchObject({ id: `${member(3)}.QUALITY` });
    expect(await ask(null, live(hidden))).toBeNull();
    expect(await ask(hidden, live(hidden))).toMatchObject({ id: `${hidden}.QUALITY` });
    expect(await ask(null, { ...open, id: `${member(4)}.QUALITY` })).toBeNull();
    expect(await ask(null, { __typename: 'ReputationScore', id: `${member(3)}.QUALITY` })).toMatchObject({
      id: `${member(3)}.QUALITY`,
    });
  });

  test('subscriptions are the gateway’s', async () => {
    const { errors } = await bench.ask(null, 'subscription { reputationChanged(creatorId: "x") { id } }');
    expect(errors).toBeDefined();
  });
});
