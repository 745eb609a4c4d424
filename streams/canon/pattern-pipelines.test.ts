import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LogRecord } from '../../engines/event-log/port.ts';
import { type CanonEvent, GENESIS_HASH, canonicalJson } from '../../schema/events/envelope.ts';
import { HANDSHAKE } from '../../schema/handshake.ts';
import { type DryRun, changelogOf, dryRun, recordOf } from '../shared/testing.ts';
import { canonProcessor } from './canon-pipeline.ts';
import { patternsProcessor, sightingsProcessor } from './pattern-pipelines.ts';
import { recordsOf, sealHash } from './testing.ts';

// Goal: what enough creators do for long enough is proposed, once, as an EMERGENT event that waits for a person; nothing else is; killed and restored, or replayed, it is
// the same event.
const thresholds = { creatorsMin: 3, daysMin: 2, windowDays: 10 };
const usPerDay = 86_400_000_000;

interface Deed {
  readonly creator: string;
  readonly day: number;
  readonly tag?: string;
  readonly visibility?: 'PUBLIC' | 'PRIVATE';
  readonly source?: CanonEvent['source'];
}

function published(
  { creator, day, tag = 'Noir', visibility = 'PUBLIC', source = 'CREATOR' }: Deed,
  n: number,
): CanonEvent {
  return sealHash({
    ...{ id: `e${n}`, type: 'artifact.published', typeVersion: 1, region: 'test', handshake: HANDSHAKE, source },
    hlc: { wallUs: (20_000 + day) * usPerDay + n, counter: 0, node: 'live:test' },
    ...{ entity: { type: 'Artifact', id: `w${n}` }, entityVersion: 1, actor: creator, causedBy: [], sealed: [] },
    payload: {
      ...{ kind: 'MEDIA', visibility, tags: [tag], contentHash: '', derivedFrom: [] },
      credits: [{ creatorId: creator, sharePercent: 100 }],
    },
    prevHash: GENESIS_HASH,
  });
}

const again = (run: DryRun, topic: string): LogRecord[] =>
  run.outgoing
    .filter((record) => record.topic === topic)
    .map(({ key, id, value }, offset) => recordOf({ topic, key: key, id: id, value, offset }));

function sightings(deeds: readonly Deed[]): LogRecord[] {
  const canon = dryRun(canonProcessor, recordsOf(deeds.map(published)));
  return again(dryRun(sightingsProcessor, again(canon, 'vcos.canon.records')), 'vcos.canon.sightings');
}

const proposals = (deeds: readonly Deed[]): readonly CanonEvent[] =>
  dryRun(patternsProcessor(thresholds), sightings(deeds)).emitted('events') as CanonEvent[];

const enough: readonly Deed[] = [
  { creator: 'ada', day: 1 },
  { creator: 'bob', day: 1 },
  { creator: 'ada', day: 1 },
  { creator: 'cy', day: 5, tag: 'noir' },
];

describe('a pattern', () => {
  test('of enough creators on enough days is proposed once, and waits for a person as EMERGENT', () => {
    const [proposal, ...more] = proposals([...enough, { creator: 'dee', day: 6 }]);
    expect(more).toEqual([]);
    expect(proposal).toMatchObject({
      type: 'canon.pattern-observed',
      entity: { type: 'Pattern', id: 'tags-works:noir' },
      payload: { behaviour: 'tags-works', subject: 'noir', creatorsMin: 3, daysMin: 2 },
    });
    // Who they are is not told.
    expect(canonicalJson(proposal)).not.toMatch(/ada|bob|"cy"/);
    const canon = dryRun(canonProcessor, recordsOf([proposal as CanonEvent]));
    expect(canon.outcomes).toEqual(['ok']);
    expect(canon.emitted('canonRecords')).toMatchObject([{ status: 'EMERGENT', entity_type: 'Pattern' }]);
    expect(canon.emitted('canonCases')).toMatchObject([{ kind: null, state: 'OPEN' }]);
  });

  test.each<[string, readonly Deed[]]>([
    ['too few creators', enough.filter(({ creator }) => creator !== 'bob')],
    ['too few days', enough.map((deed) => ({ ...deed, day: 1 }))],
    ['too long ago', enough.map((deed) => (deed.creator === 'cy' ? { ...deed, day: 12 } : deed))],
    ['different things', enough.map((deed) => (deed.creator === 'cy' ? { ...deed, tag: 'pulp' } : deed))],
    ['what is not public', enough.map((deed) => ({ ...deed, visibility: 'PRIVATE' as const }))],
    ['what agents and other platforms did', enough.map((deed) => ({ ...deed, source: 'EXTERNAL' as const }))],
  ])('is not: %s', (_what, deeds) => {
    expect(proposals(deeds)).toEqual([]);
  });

  test('is seen once for each creator, subject and day; what is no behaviour is dropped as such', () => {
    const deeds = [...enough, { creator: 'ada', day: 2 }, { creator: 'ada', day: 2, tag: 'Jazz' }];
    const canon = dryRun(canonProcessor, recordsOf(deeds.map(published)));
    const { outgoing, outcomes } = dryRun(sightingsProcessor, again(canon, 'vcos.canon.records'));
    expect(outgoing.filter(({ topic }) => topic === 'vcos.canon.sightings')).toHaveLength(5);
    expect(outcomes).toEqual(['ok', 'ok', 'drop NO_BEHAVIOUR', 'ok', 'ok', 'ok']);
  });

  test('is the same event after a kill at any place, and proposed exactly when its definition says so', () => {
    const deed = fc.record({
      creator: fc.constantFrom('ada', 'bob', 'cy', 'dee'),
      day: fc.integer({ min: 0, max: 25 }),
    });
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 14 }), fc.nat(), (unsorted, cut) => {
        const deeds = unsorted.toSorted((a, b) => a.day - b.day);
        const seen = sightings(deeds);
        const whole = dryRun(patternsProcessor(thresholds), seen);
        const at = cut % (seen.length + 1);
        const first = dryRun(patternsProcessor(thresholds), seen.slice(0, at));
        const rest = dryRun(patternsProcessor(thresholds), seen.slice(at), changelogOf(first));
        expect([...first.emitted('events'), ...rest.emitted('events')]).toEqual(whole.emitted('events'));
        const holds = deeds.some(({ day: end }) => {
          const recent = deeds.filter(({ day }) => day <= end && day > end - thresholds.windowDays);
          const [creators, days] = [
            new Set(recent.map((each) => each.creator)),
            new Set(recent.map((each) => each.day)),
          ];
          return creators.size >= thresholds.creatorsMin && days.size >= thresholds.daysMin;
        });
        expect(whole.emitted('events')).toHaveLength(holds ? 1 : 0);
      }),
      { numRuns: 30 },
    );
  });
});
