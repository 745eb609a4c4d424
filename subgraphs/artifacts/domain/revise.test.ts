import { describe, expect, test } from '@jest/globals';
import { eventTypes } from '../../../schema/events/catalogue.ts';
import { type ReviseFacts, decideRevise } from './revise.ts';
import { ada, bob, codes, platform, work } from './testing.ts';

const facts: ReviseFacts = {
  actor: ada,
  artifactId: 'work',
  artifact: { version: 3, props: work({ tags: ['old'], contentHash: 'first', summary: 'kept' }) },
  knownSources: [],
  newSources: [],
  cycle: 'none',
  nowIso: '2018-04-01T00:00:00.000Z',
};

describe('revising', () => {
  test('what is left out stays, the rest is replaced, and the revision grows', () => {
    const decision = decideRevise(facts, {
      title: 'New',
      tags: ['A'],
      contentHash: '',
      note: 'why',
      expectedVersion: 3,
    });
    if (!decision.ok) throw new Error(JSON.stringify(decision.errors));
    const { props, payload, note } = decision.value;
    expect(props).toMatchObject({
      title: 'New',
      summary: 'kept',
      tags: ['a'],
      contentHash: 'first',
      revision: 2,
      revisedAt: facts.nowIso,
    });
    expect(props.publishedAt).toBe('2018-03-12T09:00:00.000Z');
    expect(note).toBe('why');
    expect(eventTypes['artifact.revised'].payload.safeParse(payload).success).toBe(true);
  });

  test('only those credited revise; a platform may attest a revision', () => {
    expect(codes(decideRevise({ ...facts, actor: bob }, {}))).toEqual(['FORBIDDEN']);
    expect(codes(decideRevise({ ...facts, actor: platform }, {}))).toEqual([]);
  });

  test('whoever may not see the work is told that there is none', () => {
    const artifact = { version: 1, props: work({ visibility: 'PRIVATE' }) };
    expect(codes(decideRevise({ ...facts, actor: bob, artifact }, {}))).toEqual(['NOT_FOUND']);
    expect(codes(decideRevise({ ...facts, artifact: null }, {}))).toEqual(['NOT_FOUND']);
  });

  test('a version that was overtaken is a conflict, naming both', () => {
    const decision = decideRevise(facts, { expectedVersion: 2 });
    const [error] = decision.ok ? [] : decision.errors;
    expect(error).toMatchObject({ code: 'CONFLICT', path: ['input', 'expectedVersion'] });
    expect(error?.message).toMatch(/at version 3, not 2/);
  });

  test('derivation stays free of cycles and within its limit', () => {
    const newSources = [{ id: 'other', props: work() }];
    expect(codes(decideRevise({ ...facts, newSources, cycle: 'found' }, {}))).toEqual(['CYCLE']);
    expect(codes(decideRevise({ ...facts, newSources, cycle: 'too-many-ancestors' }, {}))).toEqual(['LIMIT_EXCEEDED']);
    expect(codes(decideRevise({ ...facts, newSources: [{ id: 'work', props: work() }] }, {}))).toEqual(['CYCLE']);
    const knownSources = Array.from({ length: 16 }, (_, index) => `s${index}`);
    expect(codes(decideRevise({ ...facts, newSources, knownSources }, {}))).toEqual(['LIMIT_EXCEEDED']);
  });
});
