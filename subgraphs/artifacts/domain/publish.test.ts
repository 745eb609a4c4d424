import { describe, expect, test } from '@jest/globals';
import { eventTypes } from '../../../schema/events/catalogue.ts';
import { type Publication, type PublishFacts, decidePublish } from './publish.ts';
import { ada, bob, codes, platform, work } from './testing.ts';

const facts: PublishFacts = {
  actor: ada,
  artifactId: 'new',
  isTaken: false,
  creators: new Set(['ada', 'bob']),
  blockers: new Set(),
  sources: [],
  nowIso: '2018-03-12T09:00:00.000Z',
};
const draft: Publication = {
  title: ' On qubits ',
  kind: 'CODE',
  summary: 'Why not',
  tags: ['Qubit', 'qubit ', 'gates'],
  visibility: 'PUBLIC',
  credits: [{ creatorId: 'ada', sharePercent: 100 }],
  contentHash: 'abc',
};

describe('publishing', () => {
  test('a work becomes revision 1, its tags tidy, its texts not in the public payload', () => {
    const decision = decidePublish({ ...facts, sources: [{ id: 'old', props: work() }] }, draft);
    if (!decision.ok) throw new Error(JSON.stringify(decision.errors));
    const { props, payload } = decision.value;
    expect(props).toMatchObject({ title: 'On qubits', tags: ['qubit', 'gates'], revision: 1, acceptedAt: '' });
    expect(payload.derivedFrom).toEqual([{ artifactId: 'old', credits: [{ creatorId: 'ada', sharePercent: 100 }] }]);
    expect(JSON.stringify(payload)).not.toMatch(/On qubits|Why not/);
    expect(eventTypes['artifact.published'].payload.safeParse(payload).success).toBe(true);
  });

  test('credits name creators that exist, the publisher among them', () => {
    const others = [{ creatorId: 'bob', sharePercent: 50 }];
    expect(codes(decidePublish(facts, { ...draft, credits: others }))).toEqual(['FORBIDDEN']);
    const unknown = [...draft.credits, { creatorId: 'eve', sharePercent: 0 }];
    expect(codes(decidePublish(facts, { ...draft, credits: unknown }))).toEqual(['NOT_FOUND']);
    expect(codes(decidePublish({ ...facts, actor: platform }, { ...draft, credits: others }))).toEqual([]);
  });

  test('thousands of credits are one objection, and no message repeats a text without end', () => {
    const credits = Array.from({ length: 10_000 }, (_, index) => ({ creatorId: `c${index}`, sharePercent: 0 }));
    expect(codes(decidePublish(facts, { ...draft, credits }))).toEqual(['INVALID']);
    const long = decidePublish(facts, {
      ...draft,
      credits: [...draft.credits, { creatorId: 'x'.repeat(100_000), sharePercent: 0 }],
    });
    expect(long).toMatchObject({ errors: [{ code: 'NOT_FOUND', message: expect.stringMatching(/^.{500}…$/) }] });
  });

  test('a source is there, visible, and not the work itself', () => {
    const publish = (id: string, props: ReturnType<typeof work> | null, actor = bob): string[] =>
      codes(
        decidePublish(
          { ...facts, actor, sources: [{ id, props }] },
          { ...draft, credits: [{ creatorId: actor.id, sharePercent: 1 }] },
        ),
      );
    expect(publish('old', null)).toEqual(['NOT_FOUND']);
    expect(publish('old', work({ visibility: 'PRIVATE' }))).toEqual(['NOT_FOUND']);
    expect(publish('old', work({ visibility: 'RESTRICTED' }))).toEqual(['NOT_FOUND']);
    expect(publish('old', work({ visibility: 'PRIVATE' }), ada)).toEqual([]);
    expect(publish('new', work())).toEqual(['CYCLE']);
  });

  test('more sources, or more credits on them, than one event carries are refused', () => {
    const sources = Array.from({ length: 17 }, (_, index) => ({ id: `s${index}`, props: work() }));
    expect(codes(decidePublish({ ...facts, sources }, draft))).toEqual(['LIMIT_EXCEEDED']);
    const credits = Array.from({ length: 64 }, (_, index) => ({ creatorId: `c${index}`, sharePercent: 1 }));
    const credited = Array.from({ length: 9 }, (_, index) => ({ id: `s${index}`, props: work({ credits }) }));
    expect(codes(decidePublish({ ...facts, sources: credited }, draft))).toEqual(['LIMIT_EXCEEDED']);
    expect(codes(decidePublish({ ...facts, sources: credited.slice(1) }, draft))).toEqual(['LIMIT_EXCEEDED']);
    expect(codes(decidePublish({ ...facts, sources: credited.slice(2) }, draft))).toEqual([]);
  });

  test('every text and tag that does not fit is named, all at once', () => {
    const decision = decidePublish(facts, {
      ...draft,
      title: ' ',
      summary: 'x'.repeat(2_001),
      tags: ['ok', ''],
      contentHash: 'h'.repeat(129),
    });
    const paths = decision.ok ? [] : decision.errors.map((error) => error.path.join('.'));
    expect(paths).toEqual(['input.title', 'input.summary', 'input.contentHash', 'input.tags.1']);
    expect(
      codes(decidePublish(facts, { ...draft, tags: Array.from({ length: 21 }, (_, index) => `t${index}`) })),
    ).toEqual(['INVALID']);
  });

  test('a tag has one way to be written, and is measured as it is kept', () => {
    const tags = ['Cafe\u0301', 'café', ' Two \t words ', 'two words', `${' '.repeat(9)}${'x'.repeat(60)}`];
    expect(decidePublish(facts, { ...draft, tags })).toMatchObject({
      value: { props: { tags: ['café', 'two words', 'x'.repeat(60)] } },
    });
    // Two characters each in lower case: such an event could not be written.
    expect(decidePublish(facts, { ...draft, tags: ['İ'.repeat(64)] })).toMatchObject({
      errors: [{ code: 'INVALID', path: ['input', 'tags', '0'], message: expect.stringMatching(/at most 64/) }],
    });
  });

  test('nothing is put among the works of somebody who has blocked the publisher', () => {
    const credits = [...draft.credits, { creatorId: 'bob', sharePercent: 0 }];
    expect(codes(decidePublish(facts, { ...draft, credits }))).toEqual([]);
    expect(decidePublish({ ...facts, blockers: new Set(['bob']) }, { ...draft, credits })).toMatchObject({
      errors: [{ code: 'BLOCKED', path: ['input', 'credits', '1', 'creatorId'] }],
    });
  });

  test('an id that is in use is refused', () => {
    expect(codes(decidePublish({ ...facts, isTaken: true }, draft))).toEqual(['TAKEN']);
  });
});
