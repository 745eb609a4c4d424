import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { whenDrained } from '../../bench/shared/canon-run.ts';
import { type ReputationRun, startReputation } from '../../bench/shared/reputation-run.ts';
import { dimensions } from '../../schema/graph/catalogue.ts';
import { communityEvents, member } from '../../streams/reputation/testing.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { createReputationSubgraph } from './subgraph.ts';
import { putCreator } from './testing.ts';

// Goal: a score of any past moment is explained by the ledger of that moment, and everybody sees through whom support comes.
const membersCount = 12;
let root: string;
let run: ReputationRun;
let bench: SubgraphBench;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-past-'));
  run = await startReputation({ directory: root, seeds: [member(0)] });
  for (let n = 0; n < membersCount; n++) await putCreator(run.store, member(n), dimensions);
  const events = communityEvents({ members: membersCount, events: 600 });
  for (let at = 0; at < events.length; at += 100) {
    await run.append(events.slice(at, at + 100));
    await whenDrained(run.stages);
  }
  bench = createBench(createReputationSubgraph(), run);
}, 60_000);
afterAll(async () => {
  await run.stop();
  await rm(root, { recursive: true, force: true });
});

interface Explained {
  readonly score: number;
  readonly positive: number;
  readonly negative: number;
  readonly logOffset: string;
  readonly asOf: string;
  readonly expression: string;
  readonly sumsTo: { readonly positive: number; readonly negative: number };
  readonly entries: { readonly nodes: readonly { readonly pointsNow: number }[] };
}
interface Shown {
  readonly dimension: string;
  readonly score: number;
  readonly asOf: string;
  readonly explain: Explained;
  readonly history: {
    readonly nodes: readonly { readonly asOf: string; readonly score: number; readonly logOffset: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
  readonly supportGraph: {
    readonly supporters: readonly { readonly creator: { readonly id: string } | null; readonly share: number }[];
    readonly creatorCount: number;
    readonly namedShare: number;
    readonly halfThrough: number;
    readonly concentration: number;
    readonly inWords: string;
  };
}

const fields = `dimension score asOf
  explain(first: 100) { score positive negative logOffset asOf expression sumsTo { positive negative } entries { nodes { pointsNow } } }
  history(first: 100) { nodes { asOf score logOffset } pageInfo { hasNextPage endCursor } }
  supportGraph(first: 50) { supporters { creator { id } share } creatorCount namedShare halfThrough concentration inWords }`;

async function scoresOf(id: string, asAt: string | null = null): Promise<readonly Shown[]> {
  const query = `query ($id: ID!, $asAt: DateTime) { reputation(creatorId: $id, asAt: $asAt) { dimensions { ${fields} } } }`;
  const data = await bench.query<{ reputation: { dimensions: readonly Shown[] } }>(null, query, { id, asAt });
  return data.reputation.dimensions;
}

const close = (one: number, other: number): void => expect(Math.abs(one - other)).toBeLessThan(1e-9);

describe('scores of the past', () => {
  test('each of many past scores is the one that stood then, and its ledger of then adds up to it', async () => {
    let seen = 0;
    for (const day of ['2024-01-20', '2024-02-25', '2024-04-01', '2024-06-01'])
      for (let n = 0; n < membersCount; n++)
        for (const shown of await scoresOf(member(n), `${day}T00:00:00.000Z`)) {
          const { explain } = shown;
          expect(shown.asOf <= `${day}T00:00:00.000Z`).toBe(true);
          close(explain.sumsTo.positive, explain.positive);
          close(explain.sumsTo.negative, explain.negative);
          expect(explain.expression).toContain(String(Number(shown.score.toPrecision(9))));
          expect(shown.history.nodes[0]).toMatchObject({ score: shown.score, logOffset: explain.logOffset });
          seen += 1;
        }
    expect(seen).toBeGreaterThan(80);
  }, 180_000);

  test('history tells days once, newest first, over pages', async () => {
    const [whole] = await scoresOf(member(3));
    const days = whole?.history.nodes.map(({ asOf }) => asOf.slice(0, 10)) ?? [];
    expect(days.length).toBeGreaterThan(2);
    expect(days).toEqual([...new Set(days)].sort().reverse());
    const page = async (after: string | null): Promise<Shown['history']> => {
      const query =
        'query ($id: ID!, $after: String) { reputation(creatorId: $id) { dimensions { history(first: 2, after: $after) { nodes { asOf score logOffset } pageInfo { hasNextPage endCursor } } } } }';
      const data = await bench.query<{ reputation: { dimensions: readonly Shown[] } }>(null, query, {
        id: member(3),
        after,
      });
      return data.reputation.dimensions[0]?.history as Shown['history'];
    };
    // Cursors belong to one dimension's list; only the first dimension is asked further.
    const first = await page(null);
    expect(first.nodes).toEqual(whole?.history.nodes.slice(0, 2));
  });

  test('before the first evidence there is nothing, and years without a place are refused', async () => {
    expect(await scoresOf(member(3), '2020-01-01T00:00:00.000Z')).toEqual([]);
    const { errors } = await bench.ask(
      null,
      `{ reputation(creatorId: "${member(3)}", asAt: "1066-10-14T00:00:00.000Z") { asOf } }`,
    );
    expect(errors?.[0]?.extensions['argument']).toBe('asAt');
  });
});

describe('what else a score tells', () => {
  test('support adds up to the whole, and names nobody who gave negative evidence alone', async () => {
    let named = 0;
    for (let n = 0; n < membersCount; n++)
      for (const { supportGraph: graph } of await scoresOf(member(n))) {
        if (graph.supporters.length === 0) continue;
        close(
          graph.supporters.reduce((sum, { share }) => sum + share, 0),
          1,
        );
        expect(graph.supporters.filter(({ creator }) => creator !== null)).toHaveLength(graph.creatorCount);
        expect(graph.concentration).toBeGreaterThanOrEqual(
          graph.creatorCount === 0 ? 0 : 1 / graph.creatorCount - 1e-9,
        );
        expect(graph.halfThrough).toBeLessThanOrEqual(graph.creatorCount);
        if (graph.creatorCount > 1)
          expect(graph.inWords).toMatch(/^\d+ % of the named support arrives through (one|two)/);
        named += graph.creatorCount;
      }
    expect(named).toBeGreaterThan(20);
  });

  test('prospects move the score in the direction that they say, from where time leaves it', async () => {
    const query =
      'query ($id: ID!, $at: DateTime) { reputation(creatorId: $id) { dimensions { asOf score whatWouldChange(at: $at) { at ifNothingHappens formulaVersion prospects { rule score change } } } } }';
    interface Outlook {
      readonly asOf: string;
      readonly score: number;
      readonly whatWouldChange: {
        readonly ifNothingHappens: number;
        readonly prospects: readonly { readonly rule: string; readonly score: number; readonly change: number }[];
      };
    }
    const ask = (at: string | null) =>
      bench.query<{ reputation: { dimensions: readonly Outlook[] } }>(null, query, { id: member(3), at });
    for (const { whatWouldChange } of (await ask('2024-09-30T00:00:00.000Z')).reputation.dimensions) {
      // What is negative fades slower than what is positive, so that time can lower a score, but not for ever.
      expect(whatWouldChange.ifNothingHappens).toBeGreaterThan(0);
      expect(whatWouldChange.ifNothingHappens).toBeLessThan(100);
      expect(whatWouldChange.prospects.length).toBeGreaterThan(1);
      for (const { rule, change } of whatWouldChange.prospects)
        expect(Math.sign(change)).toBe(/DISAPPROVED/.test(rule) ? -1 : 1);
    }
    const { errors } = await bench.ask(null, query, { id: member(3), at: '2023-01-01T00:00:00.000Z' });
    expect(errors?.[0]?.extensions['argument']).toBe('at');
  });

  test('leaderboards hold whoever asked and shows the dimension, in bands, and nobody else', async () => {
    const query =
      '{ reputationLeaderboard(dimension: QUALITY) { bands { band creatorCount creators { id } } formulaVersions logOffset } }';
    interface Board {
      readonly reputationLeaderboard: {
        readonly bands: readonly { readonly band: string; readonly creators: readonly { readonly id: string }[] }[];
        readonly logOffset: string | null;
      };
    }
    expect((await bench.query<Board>(null, query)).reputationLeaderboard).toMatchObject({ bands: [], logOffset: null });
    await putCreator(run.store, member(5), ['COMMUNITY']);
    for (const n of [2, 3, 4, 5]) {
      const input = { dimensions: ['QUALITY'], idempotencyKey: `board-${n}` };
      const once = await bench.mutate(member(n), 'chooseLeaderboards', input, 'dimensions');
      expect(once).toMatchObject({ dimensions: ['QUALITY'], userErrors: [] });
      expect(await bench.mutate(member(n), 'chooseLeaderboards', input, 'dimensions')).toEqual(once);
    }
    await bench.mutate(member(4), 'chooseLeaderboards', { dimensions: [] }, 'dimensions');
    const { bands } = (await bench.query<Board>(null, query)).reputationLeaderboard;
    expect(bands.flatMap(({ creators }) => creators.map(({ id }) => id)).sort()).toEqual([member(2), member(3)]);
  });

  test('points by the rules of 2018 add up from their entries over pages, and are hidden with the dimensions', async () => {
    interface Points {
      readonly points: number;
      readonly entries: {
        readonly nodes: readonly { readonly day: string; readonly counted: number; readonly reason: string }[];
        readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
      };
    }
    const query =
      'query ($id: ID!, $asAt: DateTime, $after: String, $formula: String!) { reputation(creatorId: $id, asAt: $asAt) { points(formula: $formula) { points entries(first: 30, after: $after) { nodes { day reason counted } pageInfo { hasNextPage endCursor } } } } }';
    type Entry = Points['entries']['nodes'][number];
    const ask = async (variables: object): Promise<Points | null> =>
      (
        await bench.query<{ reputation: { points: Points | null } }>(null, query, {
          id: member(3),
          formula: 'stackexchange-2018',
          ...variables,
        })
      ).reputation.points;
    const all = async (asAt: string | null): Promise<{ points: number | undefined; entries: readonly Entry[] }> => {
      const entries: Entry[] = [];
      let page = await ask({ asAt });
      const points = page?.points;
      while (page !== null) {
        entries.push(...page.entries.nodes);
        const { hasNextPage, endCursor } = page.entries.pageInfo;
        page = hasNextPage ? await ask({ asAt, after: endCursor }) : null;
      }
      return { points, entries };
    };
    const sum = (entries: readonly Entry[]): number => entries.reduce((total, { counted }) => total + counted, 1);
    const now = await all(null);
    expect(now.entries.length).toBeGreaterThan(30);
    expect(sum(now.entries)).toBe(now.points);
    const day = now.entries[now.entries.length >> 1]?.day ?? '';
    const then = await all(`${day.slice(0, 10)}T23:59:59.999Z`);
    expect(then.entries).toEqual(now.entries.filter((entry) => entry.day <= day));
    expect(then.entries.length).toBeLessThan(now.entries.length);
    expect(then.points).toBe(sum(then.entries));
    expect(await ask({ id: member(5) })).toBeNull();
    const { errors } = await bench.ask(null, query, { id: member(3), formula: 'eigentrust' });
    expect(errors?.[0]?.extensions['argument']).toBe('formula');
  });
});
