import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Evidence } from '../../../schema/reputation/evidence.ts';
import { formula } from '../../../schema/reputation/formula.ts';
import { servesInTerm } from '../../../schema/reputation/seeds.ts';
import { createMapMemory } from './map-memory.ts';
import { expectation } from './score.ts';
import { dayMs, given, play, someEvidence, startMs, sumsOf } from './testing.ts';
import type { Roots } from './trust-network.ts';
import { isUpToDate, restoreNetwork, trustIn } from './trust.ts';

const seedNames = Array.from({ length: 20 }, (_, n) => `seed${n}`);
const seeds: Roots = { seeds: new Set(seedNames), platformTrust: {}, walksPerSeed: 200, anybodyIsKnown: true };
const memberCount = 40;

const vouch = (eventId: string, source: string, target: string, day: number, weight = 1): Evidence =>
  given({ eventId, source, target, weight, atMs: startMs + day * dayMs });

/** Seeds and members who praise one another: everybody is praised by three seeds and three members. */
const community: readonly Evidence[] = Array.from({ length: memberCount }, (_, n) =>
  [0, 1, 2].flatMap((k) => [
    vouch(`s${n}.${k}`, `seed${(n * 3 + k) % 20}`, `m${n}`, n),
    vouch(`m${n}.${k}`, `m${(n * 7 + k * 5 + 1) % memberCount}`, `m${n}`, n + memberCount),
  ]),
).flat();
const honest: readonly Evidence[] = [
  ...community,
  ...[0, 1, 2].flatMap((n) => [vouch(`good${n}`, `m${n}`, 'good', 90), vouch(`bad${n}`, `m${n}`, 'bad', 90, -1)]),
];

/** What a thousand accounts do for `bad` and against `good` once `entry` has let the first in. */
function attack(sybils: number, entry: readonly Evidence[]): readonly Evidence[] {
  const names = Array.from({ length: sybils }, (_, n) => `sybil${n}`);
  return [
    ...honest,
    ...entry,
    ...names.flatMap((name, n) => [
      vouch(`r${n}`, name, `sybil${(n + 1) % sybils}`, 100),
      vouch(`p${n}`, name, 'bad', 101),
      vouch(`b${n}`, name, 'good', 101, -1),
    ]),
  ];
}

const expectedOf = (evidence: readonly Evidence[], target: string): number =>
  expectation(sumsOf(play(evidence, seeds), target));

describe('trust', () => {
  test('goal: a newcomer’s evidence waits, and counts once several of the groups vouch for them', () => {
    const waiting = vouch('e1', 'newcomer', 'target', 0, 0.3);
    const refusal = (evidence: readonly Evidence[]): string | null | undefined =>
      [...play(evidence, seeds).ledger.values()].find(({ eventId }) => eventId === 'e1')?.refusal;
    expect(refusal([waiting])).toBe('UNTRUSTED');
    const welcomes = [0, 1, 2].map((n) => vouch(`v${n}`, `seed${n}`, 'newcomer', 1));
    expect(refusal([waiting, ...welcomes.slice(0, 2)])).toBe('UNTRUSTED');
    const vouched = play([waiting, ...welcomes], seeds);
    expect([...vouched.ledger.values()].find(({ eventId }) => eventId === 'e1')).toMatchObject({
      refusal: null,
      atMs: startMs,
    });
    expect(sumsOf(vouched, 'target').positive).toBeGreaterThan(0.1);
  });

  test('goal: at most the newest 200 pieces of a source wait', () => {
    const votes = Array.from({ length: 250 }, (_, n) => vouch(`e${n}`, 'newcomer', `t${n}`, 0, 0.05));
    const welcomes = [0, 1, 2].map((n) => vouch(`v${n}`, `seed${n}`, 'newcomer', 1));
    const { ledger } = play([...votes, ...welcomes], seeds);
    const counted = [...ledger.values()].filter((entry) => entry.source === 'newcomer' && entry.counted > 0);
    expect(counted).toHaveLength(formula.trust.waitingMax);
    expect(counted.map(({ eventId }) => eventId)).not.toContain('e0');
  });

  test('goal: a thousand sybils whom nobody vouches for change nothing, praising or slandering', () => {
    for (const target of ['good', 'bad'])
      expect(expectedOf(attack(1_000, []), target)).toBe(expectedOf(honest, target));
  });

  test('goal: behind one member whom they have won, ten gain nothing, nor do a thousand', () => {
    const entry = [vouch('edge', 'm5', 'sybil0', 99)];
    for (const sybils of [10, 1_000])
      for (const target of ['good', 'bad'])
        expect(expectedOf(attack(sybils, entry), target)).toBe(expectedOf(honest, target));
  });

  test('goal: a seed who sells their word gets it for themselves alone: the thousand whom they vouch for stay strangers', () => {
    const sold = Array.from({ length: 600 }, (_, n) => vouch(`c${n}`, 'seed3', `sybil${n}`, 100 + n / 20));
    for (const target of ['good', 'bad'])
      expect(expectedOf(attack(1_000, sold), target)).toBe(expectedOf(honest, target));
  });

  test('goal: for whom a seed alone has vouched, nobody vouches while it rests; when it serves again it does', () => {
    const seedTermMs = 90 * dayMs;
    const names = Array.from({ length: 30 }, (_, n) => `seed${n}`);
    const roots: Roots = { ...seeds, seeds: new Set(names), seedTermMs };
    const term = Math.floor(startMs / seedTermMs) + 1;
    // Whose places rest in the second term after this one; one of each group.
    const resting = names.filter((_, place) => !servesInTerm(place, term + 1)).slice(0, formula.trust.groups);
    const day = (of: number): number => ((term + of) * seedTermMs - startMs) / dayMs + 1;
    const welcomes = resting.map((seed, n) => vouch(`w${n}`, seed, 'newcomer', day(0)));
    const later = (of: number): Evidence => vouch(`later${of}`, names[0] as string, 'somebody', day(of));
    const trustAfter = (...of: number[]): number => {
      const { memory } = play([...welcomes, ...of.map(later)], roots);
      return trustIn(memory, 'newcomer');
    };
    expect(trustAfter()).toBeGreaterThan(0.3);
    expect(trustAfter(1)).toBe(0);
    expect(trustAfter(1, 2)).toBeGreaterThan(0.3);
  });

  test('goal: nobody is trusted more than in full, however many vouch for them', () => {
    const friends = seedNames.map((seed, n) => vouch(`f${n}`, seed, 'friend', 90));
    const { memory } = play([...community, ...friends], seeds);
    const trusts = ['friend', ...Array.from({ length: memberCount }, (_, n) => `m${n}`)].map((name) =>
      trustIn(memory, name),
    );
    expect(trusts[0]).toBe(1);
    expect(trusts.every((trust) => trust >= 0 && trust <= 1)).toBe(true);
  });

  test('goal: whoever was trusted is trusted no more when those who vouched take it back', () => {
    const statement = (n: number): string => `seed${n}|newcomer`;
    const welcomes = [0, 1, 2].map((n) =>
      given({ eventId: `v${n}`, source: `seed${n}`, target: 'newcomer', statement: statement(n) }),
    );
    const { memory } = play(welcomes, seeds);
    expect(trustIn(memory, 'newcomer')).toBeGreaterThan(0.3);
    const after = play(
      [...welcomes, { kind: 'WITHDRAWN', eventId: 'w', source: 'seed1', statement: statement(1), atMs: startMs + 1 }],
      seeds,
    );
    expect(trustIn(after.memory, 'newcomer')).toBe(0);
  });
});

describe('the network that the kept edges give', () => {
  test('goal: it is the one that made them, walk for walk, and knows when it is not', () => {
    const seedsOf: Roots = {
      seeds: new Set(['seed', 'a', 'b']),
      platformTrust: {},
      walksPerSeed: 100,
      anybodyIsKnown: true,
    };
    fc.assert(
      fc.property(someEvidence, fc.boolean(), (evidence, rotates) => {
        const roots: Roots = { ...seedsOf, ...(rotates ? { seedTermMs: 100 * dayMs } : {}) };
        const { memory } = play(evidence, roots);
        const restored = restoreNetwork(roots, memory);
        expect(restored.stateHash()).toBe(memory.network.stateHash());
        expect(restored.referenceHits).toBe(memory.network.referenceHits);
        expect(isUpToDate(restored, memory)).toBe(true);
        if (restored.edges > 0) expect(isUpToDate(createMapMemory(roots).network, memory)).toBe(false);
        restored.take(['a', 'b', 1, startMs, 'one more']);
        expect(isUpToDate(restored, memory)).toBe(false);
      }),
      { numRuns: 20 },
    );
  });
});
