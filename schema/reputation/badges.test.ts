import { describe, expect, test } from '@jest/globals';
import { type BadgeFacts, badges, earnedBadges } from './badges.ts';

// Goal: the criteria are what is evaluated, to the last person and the last point.
const nothing: BadgeFacts = { scores: {}, people: {}, skills: new Map() };
const idsOf = (facts: Partial<BadgeFacts>, held = false): readonly string[] =>
  earnedBadges({ ...nothing, ...facts }, () => held).map(({ definition, skill }) => `${definition.id} ${skill}`.trim());
const skill = (levels: readonly number[], certificates: number): Partial<BadgeFacts> => ({
  skills: new Map([['weaving', { levels, certificates }]]),
});

describe('badges', () => {
  test('each has one version, a date, and words', () => {
    expect(new Set(badges.map(({ id }) => id)).size).toBe(badges.length);
    for (const { version, since, text } of badges) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(new Date(since).toISOString()).toBe(since);
      expect(text.length).toBeGreaterThan(10);
    }
  });

  test.each<[string, Partial<BadgeFacts>, readonly string[]]>([
    ['nothing', {}, []],
    ['nine accepted answers', { people: { TEACHER: 9 } }, []],
    ['ten', { people: { TEACHER: 10 } }, ['TEACHER']],
    ['people under two rules', { people: { HELPING_HAND: 5 } }, ['HELPING_HAND']],
    ['two endorsers with standing', skill([1, 2, 0, 0], 0), []],
    ['three', skill([1, 2, 1], 0), ['SKILLED weaving']],
    ['a certificate', skill([], 1), ['SKILLED weaving']],
    ['a score over too little', { scores: { QUALITY: { low: 99, evidence: 49 } } }, []],
    ['a score over enough', { scores: { QUALITY: { low: 80, evidence: 50 } } }, ['STEADY_HAND']],
  ])('%s', (_name, facts, expected) => expect(idsOf(facts)).toEqual(expected));

  test('the evidence is in words', () => {
    const people = { TEACHER: 10, SOURCE: 6, HELPING_HAND: 7 };
    const told = earnedBadges({ ...nothing, people }, () => false).flatMap(({ evidence }) => evidence);
    expect(told[0]).toBe('10 people accepted an answer');
    for (const line of told) expect(line).not.toMatch(/[A-Z_]{2,}/);
  });

  test('a score that earned one may fall to 90 % of what it takes', () => {
    const fallen = { scores: { QUALITY: { low: 72, evidence: 50 } } };
    expect(idsOf(fallen)).toEqual([]);
    expect(idsOf(fallen, true)).toEqual(['STEADY_HAND']);
    expect(idsOf({ scores: { QUALITY: { low: 71.9, evidence: 50 } } }, true)).toEqual([]);
  });
});
