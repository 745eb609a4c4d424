import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type SqliteEngines, openSqliteEngines } from '../../engines/sqlite/open-engines.ts';
import { openChdbWarehouse } from '../../engines/warehouse/chdb-warehouse.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { type Dimension, dimensions } from '../../schema/graph/catalogue.ts';
import type { Evidence } from '../../schema/reputation/evidence.ts';
import { topics } from '../../schema/topics.ts';
import { type LedgerEntry, takeEvidence } from '../../streams/reputation/domain/fast-channel.ts';
import { createMapMemory } from '../../streams/reputation/domain/map-memory.ts';
import { type DimensionState, pieceKey } from '../../streams/reputation/domain/memory.ts';
import { ledgerRow, scoreRow } from '../../streams/reputation/domain/rows.ts';
import { expectation, scoreOf, sumsAt } from '../../streams/reputation/domain/score.ts';
import { dayMs, explained, given, someHistory, startMs } from '../../streams/reputation/domain/testing.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { bandOf, bandQuantiles } from './domain/score.ts';
import { createReputationSubgraph } from './subgraph.ts';
import { putCreator } from './testing.ts';

// Goal: whatever comes (evidence, withdrawals, upheld appeals, freezes, blocks, departures) and in whatever order, what anybody is told of now and of any past instant is what stood then, and adds up.
const people = ['seed', 'a', 'b', 'c', 'd'] as const;
const shown = ['QUALITY', 'COLLABORATION'] as const satisfies readonly Dimension[];
let root: string;
let engines: SqliteEngines;
let warehouse: Warehouse;
let bench: SubgraphBench;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-history-'));
  engines = openSqliteEngines({ directory: root });
  await engines.eventLog.ensureTopics(Object.values(topics).map((spec) => ({ ...spec, partitions: 1 })));
  warehouse = await openChdbWarehouse({ path: join(root, 'warehouse') });
  await warehouse.migrate();
  bench = createBench(createReputationSubgraph(), { ...engines, warehouse });
}, 60_000);
afterAll(async () => {
  for (const engine of [warehouse, engines.eventLog, engines.store]) await engine.close();
  await rm(root, { recursive: true, force: true });
});

/** What a record left of a score, with the ledger of that moment. */
interface Told {
  readonly version: number;
  readonly toldMs: number;
  readonly state: DimensionState;
  readonly ledger: readonly LedgerEntry[];
}
/** By `<creator>.<dimension>`, over all runs. */
const timelines = new Map<string, readonly Told[]>();
/** How many pieces the ledger has in the end, likewise: what came after the score last moved counts nothing, and is there. */
const piecesInTheEnd = new Map<string, number>();
/** The time of each record, by run and version. */
const takenAt = new Map<string, number>();
let runs = 0;

type Rows = { scores: ReturnType<typeof scoreRow>[]; ledger: ReturnType<typeof ledgerRow>[] };

/** A history, and where in it an appeal against one of the pieces that count against somebody is upheld: when, and which of those that there are. */
const someAppealedHistory = fc.tuple(
  someHistory,
  fc.array(fc.record({ place: fc.nat(60), day: fc.nat(800), which: fc.nat(20) }), { minLength: 2, maxLength: 8 }),
);
type Appealed = typeof someAppealedHistory extends fc.Arbitrary<infer T> ? T : never;

/** Names the people of a run, and puts two thirds of the evidence on clocks of its own, of which nothing is late. */
function ofRun(run: string, evidence: Evidence, at: number): Evidence {
  const named = (id: string): string => (id.startsWith('platform:') ? id : `${run}-${id}`);
  if (evidence.kind === 'OVERTURNED') return evidence;
  if (evidence.kind === 'WITHDRAWN') return { ...evidence, source: named(evidence.source) };
  if (evidence.kind !== 'GIVEN') {
    const moved = { ...evidence, creatorId: named(evidence.creatorId) };
    return 'otherId' in moved ? { ...moved, otherId: named(moved.otherId) } : moved;
  }
  const { source, target } = evidence;
  return { ...evidence, source: named(source), target: named(target), clock: at % 3 === 0 ? 'live' : `clock ${at}` };
}

/** Plays a history through the processor's own function; the rows that it writes, record by record, and what stood after each. */
function play(run: string, [history, appeals]: Appealed): readonly Rows[] {
  const memory = createMapMemory({
    // Nearly everybody counts, so that much happens; only d has to be vouched for.
    seeds: new Set(people.slice(0, -1).map((id) => `${run}-${id}`)),
    platformTrust: {},
    walksPerSeed: 50,
    anybodyIsKnown: true,
  });
  const ledger = new Map<string, LedgerEntry>();
  const rows: Rows[] = [];
  const take = (evidence: Evidence): void => {
    const version = rows.length + 1;
    takenAt.set(`${run} ${version}`, evidence.atMs ?? 0);
    const { ledger: entries, changed } = takeEvidence(memory, evidence, { version });
    for (const entry of entries) ledger.set(pieceKey(entry), entry);
    for (const { creatorId, dimension, state } of changed) {
      const key = `${creatorId}.${dimension}`;
      const before = timelines.get(key) ?? [];
      // What a score is made of now it was not before any of it had happened; where nothing but time has passed, that is all that happened to it.
      const recordMs = state.version === version ? (evidence.atMs ?? 0) : 0;
      const toldMs = Math.max(before.at(-1)?.toldMs ?? 0, state.asOfMs, recordMs);
      const own = [...ledger.values()].filter((entry) => entry.target === creatorId && entry.dimension === dimension);
      timelines.set(key, [...before, { version, toldMs, state, ledger: own }]);
    }
    rows.push({
      scores: changed.map((each) => scoreRow(each, version)),
      ledger: entries.map((entry) => ledgerRow(entry, version)),
    });
  };
  // Whoever is erased ends their timelines: one of five can be.
  const played = history.filter((each) => each.kind !== 'ERASED' || each.creatorId === 'c');
  for (const [at, evidence] of [...played, null].entries()) {
    for (const { day, which } of appeals.filter(({ place }) => place === at || (evidence === null && place > at))) {
      const against = [...ledger.values()].filter(({ counted }) => counted < 0);
      const { refusal: _refusal, ...piece } = against[which % against.length] ?? { refusal: null };
      if ('eventId' in piece)
        take({ kind: 'OVERTURNED', eventId: `decision ${at}`, atMs: startMs + day * dayMs, piece });
    }
    if (evidence !== null) take(ofRun(run, evidence, at));
  }
  for (const [key, of] of Map.groupBy(ledger.values(), ({ target, dimension }) => `${target}.${dimension}`))
    piecesInTheEnd.set(key, of.length);
  return rows;
}

async function insert(token: string, rows: readonly Rows[]): Promise<void> {
  const scores = rows.flatMap((each) => each.scores);
  const ledger = rows.flatMap((each) => each.ledger);
  if (ledger.length > 0) await warehouse.insert('platform.reputation_evidence', ledger, token);
  if (scores.length > 0) await warehouse.insert('platform.reputation_scores', scores, token);
}

interface Page<T> {
  readonly nodes: readonly T[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
interface Shown {
  readonly dimension: Dimension;
  readonly score: number;
  readonly positive: number;
  readonly negative: number;
  readonly evidenceCount: number;
  readonly band: string;
  readonly logOffset: string;
  readonly interval: { readonly low: number; readonly high: number };
  readonly explanationSumsTo: { readonly positive: number; readonly negative: number };
  readonly evidence: Page<{ readonly id: string; readonly pointsNow: number }>;
  readonly history: Page<{ readonly asOf: string; readonly score: number; readonly logOffset: string }>;
}

const pageInfo = 'pageInfo { hasNextPage endCursor }';
const scoreFields = `dimension score positive negative evidenceCount band logOffset interval { low high } explanationSumsTo { positive negative }
  evidence(first: 100) { nodes { id pointsNow } ${pageInfo} } history(first: 100) { nodes { asOf score logOffset } ${pageInfo} }`;

async function scoresOf(ids: readonly string[], asAtMs: number | null): Promise<readonly (readonly Shown[])[]> {
  const asAt = asAtMs === null ? 'null' : `"${new Date(asAtMs).toISOString()}"`;
  const fields = `reputation(asAt: ${asAt}) { dimensions { ${scoreFields} } }`;
  const found = await bench.entities<{ reputation: { dimensions: readonly Shown[] } }>(null, 'Creator', ids, fields);
  return found.map(({ reputation }) => reputation.dimensions);
}

/** Pages of a list, from the first: of `list` of one dimension, so many at a time. Before each further page `between` happens. */
async function pagesOf<T>(
  of: { readonly id: string; readonly dimension: Dimension; readonly asAtMs: number | null },
  list: 'evidence' | 'history',
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<readonly T[]> {
  const nodes = list === 'evidence' ? 'id pointsNow' : 'asOf score logOffset';
  const query = `query ($id: ID!, $asAt: DateTime, $after: String) { reputation(creatorId: $id, asAt: $asAt) { dimensions(only: ${of.dimension}) {
    list: ${list}(first: 3, after: $after) { nodes { ${nodes} } ${pageInfo} } } } }`;
  const asAt = of.asAtMs === null ? null : new Date(of.asAtMs).toISOString();
  const all: T[] = [];
  let after: string | null = null;
  do {
    const data: { reputation: { dimensions: readonly { list: Page<T> }[] } } = await bench.query(null, query, {
      id: of.id,
      asAt,
      after,
    });
    const page = data.reputation.dimensions[0]?.list;
    all.push(...(page?.nodes ?? []));
    after = page?.pageInfo.hasNextPage === true ? page.pageInfo.endCursor : null;
    if (after !== null) await between();
  } while (after !== null);
  return all;
}

const close = (one: number, other: number): void => expect(Math.abs(one - other)).toBeLessThan(1e-9);
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** What stood at an instant; undefined for no score. */
function stoodAt(key: string, asAtMs: number | null): Told | undefined {
  const told = (timelines.get(key) ?? []).findLast(({ toldMs }) => asAtMs === null || toldMs <= asAtMs);
  return told === undefined || told.state.count === 0 ? undefined : told;
}

/** Above which scores of everybody at an instant the bands begin. */
function thresholdsAt(dimension: Dimension, asAtMs: number | null): readonly number[] {
  const all = [...timelines.keys()]
    .filter((key) => key.endsWith(`.${dimension}`))
    .flatMap((key) => stoodAt(key, asAtMs) ?? [])
    .map(({ state }) => expectation(sumsAt(state, state.atMs)) * 100)
    .sort((one, other) => one - other);
  return bandQuantiles.map((level) => all[Math.floor(level * all.length)] as number);
}

function expectAsToldBy(
  key: string,
  { asAtMs, thresholds }: { readonly asAtMs: number | null; readonly thresholds: readonly number[] },
  seen: Shown | undefined,
): void {
  const told = stoodAt(key, asAtMs);
  expect(seen?.logOffset).toBe(told === undefined ? undefined : String(told.version));
  if (told === undefined || seen === undefined) return;
  const { score, low, high, positive, negative } = scoreOf(told.state);
  expect(seen).toMatchObject({ score, positive, negative, evidenceCount: told.state.count, interval: { low, high } });
  expect(low <= score && score <= high).toBe(true);
  expect(seen.band).toBe(bandOf(score, thresholds));
  const [id = ''] = key.split('.');
  const sums = explained(told.ledger, id, seen.dimension, told.state.atMs);
  for (const sign of ['positive', 'negative'] as const) {
    close(seen.explanationSumsTo[sign], seen[sign]);
    close(sums[sign], seen[sign]);
  }
  const points = seen.evidence.nodes.map(({ pointsNow }) => pointsNow);
  close(
    points.reduce((sum, each) => sum + Math.max(0, each), 0),
    positive,
  );
  expect(seen.evidence.nodes).toHaveLength(asAtMs === null ? (piecesInTheEnd.get(key) ?? 0) : told.ledger.length);
  // The last score of each day, whatever became of it on later days.
  const past = (timelines.get(key) ?? []).filter(({ version, state }) => version <= told.version && state.count > 0);
  const days = [...Map.groupBy(past, ({ toldMs }) => dayOf(toldMs)).values()].map((of) => of.at(-1) as Told);
  expect(seen.history.nodes).toEqual(
    days
      .sort((one, other) => other.version - one.version)
      .map((each) => ({
        asOf: new Date(each.toldMs).toISOString(),
        score: scoreOf(each.state).score,
        logOffset: String(each.version),
      })),
  );
}

describe('any history', () => {
  test('goal: a score that is there before its ledger waits for it, and what comes after the score is in no sum', async () => {
    await putCreator(engines.store, 'waiting', dimensions);
    const memory = createMapMemory({ seeds: new Set(['seed']), platformTrust: {}, anybodyIsKnown: true });
    const rows = [1, 2].map((version): Rows => {
      const evidence = given({
        eventId: `w${version}`,
        target: 'waiting',
        dimension: 'INNOVATION',
        atMs: startMs + version * dayMs,
      });
      const { ledger, changed } = takeEvidence(memory, evidence, { version });
      return {
        scores: changed.map((each) => scoreRow(each, version)),
        ledger: ledger.map((entry) => ledgerRow(entry, version)),
      };
    });
    const [first, second] = rows as [Rows, Rows];
    await insert('waiting.score', [{ ...first, ledger: [] }]);
    // The ledger comes when it has been asked for once.
    const query: Warehouse['query'] = async (sql, parameters) => {
      const answer = await warehouse.query<never>(sql, parameters);
      if (sql.includes('reputation_evidence')) await insert('waiting.ledger', [{ ...first, scores: [] }]);
      return answer;
    };
    const slow = new Proxy(warehouse, {
      get: (target, name) => (name === 'query' ? query : (Reflect.get(target, name) as unknown)),
    });
    const late = createBench(createReputationSubgraph(), { ...engines, warehouse: slow });
    const sums = 'reputation { dimensions { positive explanationSumsTo { positive } } }';
    const read = async (from: SubgraphBench): Promise<{ told: number; summed: number } | undefined> => {
      const [found] = await from.entities<{
        reputation: {
          dimensions: readonly { positive: number; explanationSumsTo: { positive: number } }[];
        };
      }>(null, 'Creator', ['waiting'], sums);
      const [score] = found?.reputation.dimensions ?? [];
      return score && { told: score.positive, summed: score.explanationSumsTo.positive };
    };
    expect(await read(late)).toEqual({ told: 0.3, summed: 0.3 });
    await insert('waiting.more', [{ ...second, scores: [] }]);
    expect(await read(bench)).toEqual({ told: 0.3, summed: 0.3 });
  });

  test('goal: now and at any instant, scores, intervals, bands, ledgers, pages and history are those that stood', async () => {
    await fc.assert(
      fc.asyncProperty(someAppealedHistory, fc.array(fc.nat(), { maxLength: 4 }), async (history, picks) => {
        const run = `r${runs++}`;
        const ids = people.map((name) => `${run}-${name}`);
        for (const id of ids) await putCreator(engines.store, id, dimensions);
        const rows = play(run, history);
        await insert(run, rows);
        const changes = ids.flatMap((id) =>
          shown.flatMap((dimension) => (timelines.get(`${id}.${dimension}`) ?? []).map(({ version }) => version)),
        );
        // At the very time of a record that changed something, where it matters most whether it had happened yet, and just before.
        const times = changes.flatMap((version) => takenAt.get(`${run} ${version}`) ?? []);
        const instants = picks.flatMap((pick) => times[pick % times.length] ?? []).flatMap((ms) => [ms, ms - 1]);
        for (const asAtMs of [null, ...instants]) {
          const found = await scoresOf(ids, asAtMs);
          for (const dimension of shown) {
            const asked = { asAtMs, thresholds: thresholdsAt(dimension, asAtMs) };
            for (const [at, id] of ids.entries())
              expectAsToldBy(
                `${id}.${dimension}`,
                asked,
                found[at]?.find((score) => score.dimension === dimension),
              );
          }
        }
      }),
      { numRuns: 8, endOnFailure: true },
    );
  }, 300_000);

  test('goal: pages join without gaps or doubles while new evidence comes between them', async () => {
    await fc.assert(
      fc.asyncProperty(someAppealedHistory, async (history) => {
        const run = `r${runs++}`;
        const id = `${run}-a`;
        await putCreator(engines.store, id, dimensions);
        const rows = play(run, history);
        const half = rows.slice(0, rows.length >> 1);
        await insert(`${run}.first`, half);
        const rest = rows.slice(half.length);
        const arriving = rest.entries();
        const more = async (): Promise<void> => {
          const next = arriving.next();
          if (next.done !== true) await insert(`${run}.${next.value[0]}`, [next.value[1]]);
        };
        const of = { id, dimension: 'QUALITY', asAtMs: null } as const;
        const key = `${id}.QUALITY`;
        const before = (timelines.get(key) ?? []).findLast(({ version }) => version <= half.length);
        const pieces = await pagesOf<{ readonly id: string }>(of, 'evidence', more);
        expect(new Set(pieces.map((piece) => piece.id)).size).toBe(pieces.length);
        // A score that ends meanwhile ends its list.
        const isShown = (timelines.get(key) ?? []).every(
          ({ version, state }) => version < (before?.version ?? 0) || state.count > 0,
        );
        if (before !== undefined && isShown) expect(pieces.length).toBeGreaterThanOrEqual(before.ledger.length);
        for (const [at, each] of arriving) await insert(`${run}.${at}`, [each]);
        const past = await pagesOf<{ readonly asOf: string }>(of, 'history');
        expect(past.map(({ asOf }) => asOf)).toEqual(
          past
            .map(({ asOf }) => asOf)
            .sort()
            .reverse(),
        );
        expect(new Set(past.map(({ asOf }) => asOf.slice(0, 10))).size).toBe(past.length);
      }),
      { numRuns: 5, endOnFailure: true },
    );
  }, 300_000);
});
