import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openChdbWarehouse } from '../../engines/warehouse/chdb-warehouse.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import type { CanonEvent } from '../../schema/events/envelope.ts';
import { formatHlc } from '../../schema/hlc.ts';
import type { CanonStatus } from '../../schema/warehouse/tables.ts';
import { eventRow, statusRow } from '../../streams/canon/domain/rows.ts';
import { chainOf } from '../../streams/canon/testing.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { evolve } from './domain/entity-state.ts';
import { createCanonSubgraph } from './subgraph.ts';

// Goal: an entity's state at any time is what its canonical events up to then say, with snapshots and without, and stays right when a status moves
// under a snapshot; causes can be followed both ways.
const length = 1_500;
const skillsOf = (n: number) => ({ added: [`skill ${n % 7}`], removed: [`skill ${(n + 3) % 7}`] });
const events = chainOf({
  entityId: 'busy',
  length,
  change: (_event, n) => (n === 0 ? {} : { payload: skillsOf(n), causedBy: n < 10 ? [`busy-event-${n - 1}`] : [] }),
});
let engines: EmbeddedEngines;
let warehouse: Warehouse;
let bench: SubgraphBench;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vcos-test-time-'));
  [engines, warehouse] = await Promise.all([openEmbeddedEngines(), openChdbWarehouse({ path: directory })]);
  await warehouse.migrate();
  bench = createBench(createCanonSubgraph(), { ...engines, warehouse });
  await move(events, 'CANONICAL', 1);
});
afterAll(async () => {
  await warehouse.close();
  await engines.close();
  await rm(directory, { recursive: true, force: true });
});

async function move(moved: readonly CanonEvent[], status: CanonStatus, seq: number): Promise<void> {
  const to = { seq, status, reason: 'the test says so', contradiction: null };
  const rows = moved.map((event, n) => eventRow(event, to, { partition: 0, offset: n, leaf: null }));
  await warehouse.insert('platform.canon_events', rows, `events-${status}-${seq}-${moved.length}`);
  const moves = moved.map((event) => statusRow(event, to));
  await warehouse.insert('platform.canon_status', moves, `moves-${status}-${seq}-${moved.length}`);
}

const stateUpTo = (version: number, without: readonly number[] = []) =>
  events
    .slice(0, version)
    .filter(({ entityVersion }) => !without.includes(entityVersion))
    .reduce(evolve, {});

const hlcOf = (version: number): string => formatHlc((events[version - 1] as CanonEvent).hlc);

interface Found {
  readonly state: unknown;
  readonly version: number;
  readonly events: number;
}

async function stateAt(version: number, knownAt?: number): Promise<Found | null> {
  const query =
    'query ($at: HLC!, $known: HLC) { entityAt(id: "busy", at: $at, knownAt: $known) { state version events } }';
  const variables = { at: hlcOf(version), ...(knownAt === undefined ? {} : { known: hlcOf(knownAt) }) };
  return (await bench.query<{ entityAt: Found | null }>('anybody', query, variables)).entityAt;
}

describe('entityAt', () => {
  test('is the fold of the canonical events up to then, before and after snapshots were made', async () => {
    for (const round of [1, 2]) {
      for (const version of [1, 2, 511, 512, 513, 768, 1_024, 1_300, length])
        expect({ round, ...(await stateAt(version)) }).toEqual({
          round,
          state: stateUpTo(version),
          version,
          events: version,
        });
    }
    expect(await engines.store.count('CanonSnapshot')).toBeGreaterThan(0);
    const nothing = await bench.query(
      'anybody',
      '{ entityAt(id: "nobody", at: "1900000000000000.00000.x") { state } }',
    );
    expect(nothing).toEqual({ entityAt: null });
  });

  test('stays right when an event under a snapshot is rejected afterwards, and tells what was known before', async () => {
    const victim = events[299] as CanonEvent;
    await move([victim], 'NON_CANONICAL', 2);
    expect(await stateAt(1_300)).toMatchObject({ state: stateUpTo(1_300, [300]), events: 1_299 });
    expect(await stateAt(1_300)).toMatchObject({ state: stateUpTo(1_300, [300]) });
    expect(await stateAt(1_300, 290)).toEqual({ state: stateUpTo(290), version: 290, events: 290 });
  });

  test('a diff names the fields that differ', async () => {
    const query =
      'query ($from: HLC!, $to: HLC!) { entityDiff(id: "busy", from: $from, to: $to) { before { version } after { version } changes { field before after } } }';
    const { entityDiff } = await bench.query<{ entityDiff: object }>('anybody', query, {
      from: hlcOf(1),
      to: hlcOf(3),
    });
    expect(entityDiff).toEqual({
      before: { version: 1 },
      after: { version: 3 },
      changes: [{ field: 'skills', before: ['singing'], after: stateUpTo(3)['skills'] }],
    });
  });
});

describe('causalChain', () => {
  const chain = async (id: string, direction: string, depth = 5) =>
    (
      await bench.query<{
        causalChain: { steps: { distance: number; event: { id: string } }[]; isTruncated: boolean };
      }>(
        'anybody',
        `{ causalChain(eventId: "${id}", direction: ${direction}, depth: ${depth}) { steps { distance event { id } } isTruncated } }`,
      )
    ).causalChain;

  test('leads to what caused an event and to what came of it', async () => {
    const up = await chain('busy-event-3', 'CAUSES');
    expect(up.steps.map(({ distance, event }) => [distance, event.id])).toEqual([
      [-1, 'busy-event-2'],
      [-2, 'busy-event-1'],
      [-3, 'busy-event-0'],
    ]);
    const down = await chain('busy-event-3', 'EFFECTS', 2);
    expect(down).toEqual({
      steps: [
        { distance: 1, event: { id: 'busy-event-4' } },
        { distance: 2, event: { id: 'busy-event-5' } },
      ],
      isTruncated: true,
    });
  });

  test('needs a token, and ends where there is nothing', async () => {
    expect(await chain('nothing', 'CAUSES')).toEqual({ steps: [], isTruncated: false });
    const refused = await bench.ask(null, '{ causalChain(eventId: "x", direction: CAUSES) { isTruncated } }');
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});
