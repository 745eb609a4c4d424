import { describe, expect, test } from '@jest/globals';
import type { KnownEvent } from '../../../schema/events/catalogue.ts';
import type { SubmitterRole } from '../../../schema/events/types/claim.ts';
import { claimOf } from './claim-of-event.ts';

// Goal: claims of others are judged by what they say, and trusted by the role that was registered, never by a name.
const published = { kind: 'MEDIA', visibility: 'PUBLIC', tags: [], contentHash: '', derivedFrom: [] };
const shares = (...percent: number[]): object => ({
  credits: percent.map((sharePercent, n) => ({ creatorId: `c${n}`, sharePercent })),
});

function claimed(
  said: object,
  {
    role = 'PLATFORM',
    actor = 'platform:operator.x',
    causedAtUs = null,
  }: { role?: SubmitterRole; actor?: string; causedAtUs?: number | null } = {},
): KnownEvent {
  const claim = {
    type: 'artifact.published',
    typeVersion: 1,
    entity: { type: 'Artifact', id: 'w' },
    hlc: { wallUs: 1, counter: 0, node: 'theirs' },
    payload: {},
    ...said,
  };
  return {
    ...{
      id: 'e',
      type: 'canon.claimed',
      entity: { type: 'Claim', id: 'w' },
      entityVersion: 1,
      actor,
      hash: 'h',
      prevHash: 'p',
    },
    ...{
      hlc: { wallUs: 1, counter: 0, node: 'n' },
      source: role.endsWith('_IMVU') ? 'IMVU' : 'EXTERNAL',
      causedBy: [],
    },
    payload: { claim, isKnown: true, signature: '', publicKey: '', role, causedAtUs },
  } as unknown as KnownEvent;
}

describe('a claim', () => {
  test.each([
    ['PLATFORM', 'EXTERNAL'],
    ['OPERATOR', 'OPERATOR'],
    ['CREATIVE_IMVU', 'CREATIVE_IMVU'],
    ['GUARDIAN_IMVU', 'GUARDIAN_IMVU'],
  ] as const)('of the role %s is trusted as %s, whatever its submitter is called', (role, standing) => {
    for (const actor of ['platform:operator', 'imvu:guardian:x', 'platform:museum'])
      expect(claimOf(claimed({}, { role, actor })).standing).toBe(standing);
  });

  test('says how its entity began, once for the same words, and whose it is from then on', () => {
    const one = claimOf(claimed({ payload: { ...published, ...shares(100) } }));
    const same = claimOf(claimed({ payload: { ...published, ...shares(100) } }, { actor: 'platform:other' }));
    const other = claimOf(claimed({ payload: { ...published, ...shares(60, 40) } }));
    expect([one.begins === same.begins, one.begins === other.begins]).toEqual([true, false]);
    expect(one).toMatchObject({ owners: ['platform:operator.x'], isHighValue: true, entity: 'Claim|w' });
  });

  test('is held against the same rules as events: shares over the whole, acts in another’s name', () => {
    expect(claimOf(claimed({ payload: { ...published, ...shares(80, 80) } })).objections).toMatchObject([
      { kind: 'LOGICAL' },
    ]);
    const follow = { type: 'relationship.followed', payload: { fromId: 'ada', toId: 'bob' } };
    const agent = { role: 'CREATIVE_IMVU', actor: 'imvu:helper' } as const;
    expect(claimOf(claimed(follow, agent)).objections).toMatchObject([{ kind: 'AUTHORITY' }]);
    // A platform speaks for its members, and what two share is nobody's own name.
    expect(claimOf(claimed(follow)).objections).toEqual([]);
    const mentorship = { type: 'relationship.mentorship-started', payload: { ...follow.payload, topic: '' } };
    expect(claimOf(claimed(mentorship, agent)).objections).toEqual([]);
  });

  test.each([
    [[100], []],
    [[33.333_333_4, 33.333_333_3, 33.333_333_4], []],
    [[60, 40.254], ['credits: shares add up to 100.25 %, more than 100 %']],
  ])('shares of %j are over the whole beyond what rounding does', (percent, reasons) => {
    const { objections } = claimOf(claimed({ payload: { ...published, ...shares(...percent) } }));
    expect(objections.map(({ reason }) => reason)).toEqual(reasons);
  });

  test('of something that happened before its cause contradicts it, beyond what clocks may differ by', () => {
    const kinds = (causedAtUs: number | null): readonly string[] =>
      claimOf(claimed({}, { causedAtUs })).objections.map(({ kind }) => kind);
    expect([null, 0, 60_000_001, 60_000_002].map(kinds)).toEqual([[], [], [], ['TEMPORAL']]);
  });

  test('of which nothing is known is judged by nothing that it says', () => {
    const unknown = claimOf(claimed({ type: 'museum.restored', payload: { credits: 'what' } }));
    expect(unknown).toMatchObject({ objections: [], isHighValue: false, owners: null, leavesAlive: null });
  });
});
