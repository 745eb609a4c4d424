import { describe, expect, test } from '@jest/globals';
import type { EventType, KnownEvent, PayloadOf } from '../../../schema/events/catalogue.ts';
import type { EventSource } from '../../../schema/events/envelope.ts';
import { evidenceSchema } from '../../../schema/reputation/evidence.ts';
import { rules } from '../../../schema/reputation/rules.ts';
import { evidenceOf } from './evidence-table.ts';
import { pieceKey } from './memory.ts';

interface Given<T extends EventType> {
  readonly type: T;
  readonly payload: PayloadOf<T>;
  readonly actor?: string;
  readonly source?: EventSource;
}

function find<T extends EventType>({
  type,
  payload,
  actor = 'ann',
  source = 'CREATOR',
}: Given<T>): ReturnType<typeof evidenceOf> {
  const event = {
    id: 'e1',
    type,
    payload,
    actor,
    source,
    entity: { type: 'X', id: 'entity' },
    hlc: { wallUs: 1_700_000_000_123_456, counter: 0, node: 'live' },
  };
  return evidenceOf(event as unknown as KnownEvent);
}

/** Target, source, dimension, weight and refusal: what matters. */
function brief<T extends EventType>(given: Given<T>): readonly (readonly unknown[])[] {
  return find(given).map((evidence) =>
    evidence.kind === 'GIVEN'
      ? [
          evidence.rule,
          evidence.target,
          evidence.source,
          evidence.dimension,
          Number(evidence.weight.toFixed(6)),
          evidence.refusal,
        ]
      : evidence.kind === 'WITHDRAWN'
        ? ['WITHDRAWN', evidence.source, evidence.statement]
        : [evidence.kind, evidence.creatorId],
  );
}

const whole = (creatorId: string): { creatorId: string; sharePercent: number }[] => [{ creatorId, sharePercent: 100 }];
const work = { artifactId: 'w', artifactKind: 'MEDIA', isDerived: false, credits: whole('bob') } as const;
const answer = { ...work, artifactKind: 'META', isDerived: true } as const;
const platform = { actor: 'platform:forum', source: 'EXTERNAL' } as const;

describe('the evidence table', () => {
  test('goal: a good judgement is quality, of an answer it is teaching; a poor one is about the work alone', () => {
    expect(brief({ type: 'artifact.judged', payload: { ...work, polarity: 1 } })).toEqual([
      ['WORK_APPROVED', 'bob', 'ann', 'QUALITY', 0.3, null],
    ]);
    expect(brief({ type: 'artifact.judged', payload: { ...answer, polarity: 1 } })).toEqual([
      ['ANSWER_APPROVED', 'bob', 'ann', 'COMMUNITY', 0.1, null],
      ['ANSWER_APPROVED', 'bob', 'ann', 'MENTORSHIP', 0.2, null],
    ]);
    expect(brief({ type: 'artifact.judged', payload: { ...work, isDerived: true, polarity: 1 } })[0]?.[0]).toBe(
      'WORK_APPROVED',
    );
    for (const judged of [work, answer]) {
      expect(brief({ type: 'artifact.judged', payload: { ...judged, polarity: -1 } })).toEqual([
        ['WORK_DISAPPROVED', 'bob', 'ann', 'QUALITY', -0.3, null],
      ]);
    }
  });

  test('goal: a certificate of a skill is evidence until its issuer takes it back', () => {
    const payload = { creatorId: 'bob', issuerId: 'ann' };
    expect(brief({ type: 'reputation.certificate-issued', payload })).toEqual([
      ['CERTIFIED', 'bob', 'ann', 'QUALITY', 0.5, null],
    ]);
    expect(find({ type: 'reputation.certificate-issued', payload })[0]).toMatchObject({ statement: 'entity' });
    expect(brief({ type: 'reputation.certificate-revoked', payload })).toEqual([['WITHDRAWN', 'ann', 'entity']]);
  });

  test('goal: what evidence is judged by comes down the same topic', () => {
    const pair = { fromId: 'ann', toId: 'bob' };
    expect(brief({ type: 'relationship.blocked', payload: pair })).toEqual([['BLOCKED', 'ann']]);
    expect(brief({ type: 'relationship.unblocked', payload: pair })).toEqual([['UNBLOCKED', 'ann']]);
    expect(brief({ type: 'creator.state-changed', payload: { from: 'ACTIVE', to: 'MIGRATED' } })).toEqual([
      ['CLOSED', 'entity'],
    ]);
    expect(brief({ type: 'creator.state-changed', payload: { from: 'INITIATE', to: 'ACTIVE' } })).toEqual([]);
    expect(brief({ type: 'creator.state-changed', payload: { from: 'ARCHIVED', to: 'ACTIVE' } })).toEqual([
      ['REOPENED', 'entity'],
    ]);
  });

  test('goal: credit shares split what a joint work earns, and what rounds to nothing is left out', () => {
    const credits = [
      { creatorId: 'bob', sharePercent: 75 },
      { creatorId: 'cyd', sharePercent: 25 },
      { creatorId: 'dan', sharePercent: 0 },
    ];
    expect(brief({ type: 'artifact.judged', payload: { ...work, credits, polarity: 1 } })).toEqual([
      ['WORK_APPROVED', 'bob', 'ann', 'QUALITY', 0.225, null],
      ['WORK_APPROVED', 'cyd', 'ann', 'QUALITY', 0.075, null],
    ]);
  });

  test('goal: judgements and endorsements stand until they are withdrawn; a platform’s anonymous votes do not', () => {
    const [judged] = find({ type: 'artifact.judged', payload: { ...work, polarity: 1 } });
    expect(judged).toMatchObject({ statement: 'entity', isAnonymous: false, atMs: 1_700_000_000_123 });
    expect(find({ type: 'artifact.judged', payload: { ...work, polarity: 1 }, ...platform })[0]).toMatchObject({
      statement: null,
      isAnonymous: true,
    });
    expect(brief({ type: 'artifact.judgement-withdrawn', payload: { ...work, polarity: 1 } })).toEqual([
      ['WITHDRAWN', 'ann', 'entity'],
    ]);
    const target = { skill: 'weaving' };
    expect(
      find({ type: 'relationship.endorsed', payload: { fromId: 'ann', toId: 'bob', target, weight: 5 } })[0],
    ).toMatchObject({ statement: 'entity' });
    expect(
      brief({ type: 'relationship.endorsement-revoked', payload: { fromId: 'ann', toId: 'bob', target } }),
    ).toEqual([['WITHDRAWN', 'ann', 'entity']]);
  });

  test('goal: endorsements by their weight, a skill as quality', () => {
    const endorsed = (
      target: PayloadOf<'relationship.endorsed'>['target'],
      weight: number,
    ): readonly (readonly unknown[])[] =>
      brief({ type: 'relationship.endorsed', payload: { fromId: 'ann', toId: 'bob', target, weight } });
    expect(endorsed({ dimension: 'MENTORSHIP' }, 5)).toEqual([['ENDORSED', 'bob', 'ann', 'MENTORSHIP', 0.3, null]]);
    expect(endorsed({ skill: 'weaving' }, 2)).toEqual([['ENDORSED', 'bob', 'ann', 'QUALITY', 0.12, null]]);
  });

  test('goal: a public remix honours its sources; an answer, a private work and one’s own sources do not', () => {
    const published = (change: Partial<PayloadOf<'artifact.published'>>): Given<'artifact.published'> => ({
      type: 'artifact.published',
      payload: {
        kind: 'MEDIA',
        visibility: 'PUBLIC',
        tags: [],
        credits: whole('ann'),
        contentHash: '',
        derivedFrom: [{ artifactId: 's', credits: whole('bob') }],
        ...change,
      },
    });
    expect(brief(published({}))).toEqual([
      ['WORK_REMIXED', 'bob', 'ann', 'QUALITY', 0.2, null],
      ['WORK_REMIXED', 'bob', 'ann', 'INNOVATION', 0.8, null],
    ]);
    expect(brief(published({ kind: 'META' }))).toEqual([]);
    expect(brief(published({ visibility: 'PRIVATE' }))).toEqual([]);
    expect(
      brief(published({ derivedFrom: [{ artifactId: 's', credits: whole('ann') }] })).map((one) => one.at(-1)),
    ).toEqual(['SELF', 'SELF']);
    const shared = [...whole('ann'), { creatorId: 'bob', sharePercent: 0 }];
    expect(brief(published({ credits: shared })).map((one) => one.at(-1))).toEqual(['SELF', 'SELF']);
    const two = [1, 2].map((n) => ({ artifactId: `s${n}`, credits: whole('bob') }));
    expect(brief(published({ derivedFrom: two })).map((one) => one[4])).toEqual([0.2, 0.8]);
  });

  test('goal: of one event no two pieces have the same name, and works of one creator count together', () => {
    const from = [whole('bob'), whole('bob'), [...whole('bob'), { creatorId: 'ann', sharePercent: 0 }], whole('cy')];
    const pieces = find({
      type: 'artifact.published',
      payload: {
        kind: 'MEDIA',
        visibility: 'PUBLIC',
        tags: [],
        credits: whole('ann'),
        contentHash: '',
        derivedFrom: from.map((credits, n) => ({ artifactId: `s${n}`, credits })),
      },
    }).flatMap((piece) => (piece.kind === 'GIVEN' ? [piece] : []));
    expect(new Set(pieces.map(pieceKey)).size).toBe(pieces.length);
    const innovation = pieces.filter(({ dimension }) => dimension === 'INNOVATION');
    // Two quarters are bob's alone; the third is also the remixer's own.
    expect(innovation.map(({ target, weight, refusal }) => [target, weight, refusal])).toEqual([
      ['bob', 0.4, null],
      ['cy', 0.2, null],
    ]);
  });

  test('goal: an edit counts for whoever made it, by the word of whoever owns the work; a comment for the work that is discussed', () => {
    const contributed = (change: Partial<PayloadOf<'artifact.contributed'>>): readonly (readonly unknown[])[] =>
      brief({ type: 'artifact.contributed', payload: { ...work, contribution: 'EDIT', merged: true, ...change } });
    expect(contributed({})).toEqual([
      ['EDIT_MERGED', 'ann', 'bob', 'QUALITY', 0.3, null],
      ['EDIT_MERGED', 'ann', 'bob', 'COLLABORATION', 0.6, null],
    ]);
    expect(contributed({ merged: false })).toEqual([]);
    expect(contributed({ credits: [] })).toEqual([]);
    expect(contributed({ credits: whole('ann') }).map((one) => one.at(-1))).toEqual(['SELF', 'SELF']);
    expect(contributed({ contribution: 'COMMENT', merged: false })).toEqual([
      ['WORK_DISCUSSED', 'bob', 'ann', 'COMMUNITY', 0.05, null],
    ]);
  });

  test('goal: a mentor’s own word gives them nothing, the mentee’s and a platform’s does', () => {
    const started = (from: Partial<Given<'relationship.mentorship-started'>>): readonly (readonly unknown[])[] =>
      brief({ type: 'relationship.mentorship-started', payload: { fromId: 'mia', toId: 'ann' }, ...from });
    expect(started({})).toEqual([['MENTORSHIP_STARTED', 'mia', 'ann', 'MENTORSHIP', 0.3, null]]);
    expect(started({ actor: 'mia' })[0]?.at(-1)).toBe('SELF');
    expect(started(platform)).toEqual([['MENTORSHIP_STARTED', 'mia', 'platform:forum', 'MENTORSHIP', 0.3, null]]);
  });

  test('goal: acceptance, collaboration and badges', () => {
    expect(brief({ type: 'artifact.accepted', payload: { ...answer, answersId: 'q' } })).toEqual([
      ['ANSWER_ACCEPTED', 'bob', 'ann', 'COMMUNITY', 0.1, null],
      ['ANSWER_ACCEPTED', 'bob', 'ann', 'MENTORSHIP', 0.8, null],
    ]);
    expect(
      brief({ type: 'relationship.collaborated', payload: { fromId: 'ann', toId: 'bob', artifactId: 'w', weight: 3 } }),
    ).toEqual([['WORKED_TOGETHER', 'bob', 'ann', 'COLLABORATION', 0.2, null]]);
    const badge = { creatorId: 'bob', badge: 'Nice Answer', tier: 'BRONZE', about: null } as const;
    expect(find({ type: 'creator.badge-awarded', payload: badge, ...platform })[0]).toMatchObject({
      rule: 'BADGE_OF_COMMUNITY',
      weight: 0.1,
      isAnonymous: false,
    });
    expect(
      brief({ type: 'creator.badge-awarded', payload: { ...badge, tier: 'GOLD', about: 'qubits' }, ...platform }),
    ).toEqual([['BADGE_OF_EXPERTISE', 'bob', 'platform:forum', 'QUALITY', 0.5, null]]);
    expect(brief({ type: 'creator.badge-awarded', payload: badge })).toEqual([]);
  });

  test('goal: agents give no evidence, other events say nothing, and every rule explains itself', () => {
    expect(brief({ type: 'artifact.judged', payload: { ...work, polarity: 1 }, source: 'IMVU' })[0]?.at(-1)).toBe(
      'AGENT',
    );
    expect(brief({ type: 'relationship.followed', payload: { fromId: 'ann', toId: 'bob' } })).toEqual([]);
    for (const { description, weights } of Object.values(rules)) {
      expect(description).toMatch(/^[A-Z].*\.$/);
      for (const weight of Object.values(weights)) expect(Math.abs(weight)).toBeLessThanOrEqual(1);
    }
  });

  test('goal: evidence fits its contract', () => {
    for (const evidence of find({ type: 'artifact.judged', payload: { ...answer, polarity: 1 } }))
      expect(evidenceSchema.parse(evidence)).toEqual(evidence);
  });
});
