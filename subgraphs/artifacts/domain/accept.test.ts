import { describe, expect, test } from '@jest/globals';
import { type AcceptFacts, decideAccept } from './accept.ts';
import { ada, bob, codes, known, platform, work } from './testing.ts';

const facts: AcceptFacts = {
  actor: bob,
  artifactId: 'work',
  artifact: known(),
  sources: [
    { id: 'first', props: work() },
    { id: 'second', props: work({ credits: [{ creatorId: 'bob', sharePercent: 0 }] }) },
  ],
};

describe('accepting', () => {
  test('whoever is credited for a source accepts, and the event names that source', () => {
    expect(decideAccept(facts)).toMatchObject({ ok: true, value: { artifactId: 'work', answersId: 'second' } });
    expect(decideAccept({ ...facts, actor: ada })).toMatchObject({ ok: true, value: { answersId: 'first' } });
    expect(decideAccept({ ...facts, actor: platform })).toMatchObject({ ok: true, value: { answersId: 'first' } });
  });

  test('nobody else does, and nobody twice', () => {
    expect(codes(decideAccept({ ...facts, actor: { id: 'eve', isPlatform: false } }))).toEqual(['FORBIDDEN']);
    expect(codes(decideAccept({ ...facts, sources: [] }))).toEqual(['FORBIDDEN']);
    expect(codes(decideAccept({ ...facts, artifact: known({ acceptedAt: '2018-03-13T00:00:00.000Z' }) }))).toEqual([
      'ALREADY_DONE',
    ]);
    expect(codes(decideAccept({ ...facts, artifact: null }))).toEqual(['NOT_FOUND']);
  });
});
