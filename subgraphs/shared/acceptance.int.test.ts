import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import { HlcClock } from '../../runtime/hlc-clock.ts';
import type { CanonEvent } from '../../schema/events/envelope.ts';
import { type HlcTimestamp, compareHlc, hlcToIso } from '../../schema/hlc.ts';
import { createCreatorsSubgraph } from '../creators/subgraph.ts';
import { standingId } from './acceptance.ts';
import { type CommandContext, record } from './command.ts';
import { type SubgraphBench, createBench } from './testing.ts';

// Goal: an event says whether its creator was a verified one when it was accepted, and is later than what says so and than its predecessor, by whichever process they were written.
let engines: EmbeddedEngines;
let bench: SubgraphBench;
const nowUs = Date.parse('2024-05-01T12:00:00.000Z') * 1_000;
/** A process whose clock goes 20 s before that of the one under test. */
const early = new HlcClock({ node: 'live:early', wall: { nowUs: () => nowUs + 20_000_000 } });

beforeAll(async () => {
  engines = await openEmbeddedEngines();
  bench = createBench(createCreatorsSubgraph(), engines, { wall: { nowUs: () => nowUs } });
});
afterAll(() => engines.close());

function elsewhere<T>(work: (context: CommandContext) => Promise<T>): Promise<T> {
  const { masterKey, region } = bench.dependencies;
  return engines.store.transact((tx) =>
    work({
      ...{ tx, masterKey, region, actor: { id: 'system:trust-levels', source: 'SYSTEM' } },
      hlc: (stored) => early.nowAfter(stored),
      nowIso: hlcToIso(early.now()),
      newId: () => crypto.randomUUID(),
    }),
  );
}

/** As the level keeper of another process decides it. */
function decideLevel(creatorId: string, to: number): Promise<HlcTimestamp> {
  const clocks = { aboveSince: '', belowSince: '', changedAt: '', proposedAt: '', nextAt: '9999-12-31T00:00:00.000Z' };
  const decision = { outcome: 'GAINED', from: 0, to, decidedAt: '2024-05-01T12:00:00.000Z', reasons: [] } as const;
  return elsewhere(async (context) => {
    const props = { creatorId, level: to, ...clocks, scores: '{}', logOffset: 0 };
    await context.tx.put({ type: 'TrustStanding', id: standingId(creatorId), props });
    const payload = { creatorId, ...decision, reasons: [], logOffset: 0, levelsVersion: '1.0.0' };
    return (await record(context, { type: 'reputation.level-decided', entityId: creatorId, payload })).hlc;
  });
}

async function newest(): Promise<CanonEvent> {
  return (await bench.events()).at(-1) as CanonEvent;
}

test('a creator is a verified source from the level VERIFIED on, and as long as they have it', async () => {
  const { creator } = await bench.mutate<{ creator: { id: string; version: number } }>(
    'ada',
    'registerCreator',
    { username: 'ada', type: 'ARTIST' },
    'creator { id version }',
  );
  expect(await newest()).toMatchObject({ type: 'creator.registered', source: 'CREATOR' });
  let { version } = creator;
  const learn = async (skill: string): Promise<CanonEvent> => {
    const selection = 'creator { version }';
    const input = { expectedVersion: version, skills: [skill] };
    const changed = await bench.mutate<{ creator: { version: number } }>('ada', 'addSkills', input, selection);
    ({ version } = changed.creator);
    return newest();
  };
  await decideLevel(creator.id, 1);
  expect(await learn('oil')).toMatchObject({ source: 'CREATOR', actor: creator.id });
  const decidedAt = await decideLevel(creator.id, 2);
  const verified = await learn('ink');
  expect(verified).toMatchObject({ source: 'VERIFIED_CREATOR', actor: creator.id });
  // The clock of the process that decided goes before: what rests on the decision comes after it all the same.
  expect(compareHlc(decidedAt, verified.hlc)).toBeLessThan(0);
  await decideLevel(creator.id, 1);
  expect(await learn('chalk')).toMatchObject({ source: 'CREATOR' });
});

test('an event is later than its predecessor, also where another process wrote that by a clock that goes before', async () => {
  const grant = (context: CommandContext): Promise<CanonEvent> =>
    record(context, {
      type: 'reputation.decay-resumed',
      entityId: 'settings',
      payload: { creatorId: 'bob' },
    });
  const first = await elsewhere(grant);
  const second = await engines.store.transact((tx) => {
    const { clock, masterKey, region } = bench.dependencies;
    return grant({
      ...{ tx, masterKey, region, actor: { id: 'system:other', source: 'SYSTEM' }, nowIso: hlcToIso(clock.now()) },
      hlc: (stored) => clock.nowAfter(stored),
      newId: () => crypto.randomUUID(),
    });
  });
  expect([second.entityVersion, compareHlc(first.hlc, second.hlc) < 0]).toEqual([2, true]);
});
