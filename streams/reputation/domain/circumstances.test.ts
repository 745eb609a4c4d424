import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dimensions } from '../../../schema/graph/catalogue.ts';
import type { Evidence } from '../../../schema/reputation/evidence.ts';
import { decay } from '../../../schema/reputation/formula.ts';
import { decayClock } from '../../../schema/reputation/freeze.ts';
import { createMapMemory } from './map-memory.ts';
import { type History, dayMs, explained, given, play, seeded, someHistory, startMs, sumsOf } from './testing.ts';
import { takeEvidence } from './fast-channel.ts';
import type { Roots } from './trust-network.ts';
import { restoreNetwork, trustIn } from './trust.ts';

// Goal: what cannot count stands in the ledger with its reason; a time off and a departure leave everybody's numbers consistent.
const strict: Roots = { seeds: new Set(['seed']), platformTrust: {}, walksPerSeed: 100 };
const refusalsOf = (history: History): readonly (string | null)[] =>
  [...history.ledger.values()].map(({ refusal }) => refusal);
const account = (
  kind: 'REGISTERED' | 'CLOSED' | 'REOPENED' | 'ERASED' | 'THAWED',
  creatorId: string,
  day = 0,
): Evidence => ({
  kind,
  eventId: `${kind} ${creatorId} ${day}`,
  creatorId,
  atMs: startMs + day * dayMs,
});
const block = (kind: 'BLOCKED' | 'UNBLOCKED', creatorId: string, otherId: string): Evidence => ({
  kind,
  eventId: `${kind} ${creatorId} ${otherId}`,
  creatorId,
  otherId,
  atMs: startMs,
});
const freeze = (creatorId: string, day: number, days: number): Evidence => ({
  kind: 'FROZEN',
  eventId: `freeze ${creatorId} ${day}`,
  creatorId,
  atMs: startMs + day * dayMs,
  untilMs: startMs + (day + days) * dayMs,
});

describe('what counts nothing', () => {
  test.each<[string, readonly Evidence[], string]>([
    ['of oneself', [given({ eventId: 'e', source: 'target' })], 'SELF'],
    ['of somebody whom the source blocks', [block('BLOCKED', 'seed', 'target'), given({ eventId: 'e' })], 'BLOCKED'],
    ['of somebody who blocks the source', [block('BLOCKED', 'target', 'seed'), given({ eventId: 'e' })], 'BLOCKED'],
    ['by a closed account', [account('CLOSED', 'seed'), given({ eventId: 'e' })], 'CLOSED'],
    ['by an erased account', [account('ERASED', 'seed'), given({ eventId: 'e' })], 'CLOSED'],
    ['too heavy', [given({ eventId: 'e', weight: -1.01 })], 'OUT_OF_RANGE'],
  ])('%s', (_name, evidence, refusal) => {
    const history = play(evidence);
    expect(refusalsOf(history)).toEqual([refusal]);
    expect(sumsOf(history, 'target')).toEqual({ positive: 0, negative: 0 });
    expect(history.memory.network.edges).toBe(evidence.some(({ kind }) => kind === 'ERASED') ? 1 : 0);
  });

  test('after a block is lifted, and an account opened again, it counts again', () => {
    const history = play([
      block('BLOCKED', 'seed', 'target'),
      block('UNBLOCKED', 'seed', 'target'),
      account('CLOSED', 'seed'),
      account('REOPENED', 'seed'),
      given({ eventId: 'e' }),
    ]);
    expect(refusalsOf(history)).toEqual([null]);
  });

  test('who rates, or is rated, before they have registered: it waits, and counts at its own time once both have', () => {
    const early = given({ eventId: 'e' });
    const waiting = play([early], strict);
    expect(refusalsOf(waiting)).toEqual(['UNKNOWN']);
    expect(refusalsOf(play([early, account('REGISTERED', 'seed', 30)], strict))).toEqual(['UNKNOWN']);
    const known = play([early, account('REGISTERED', 'seed', 30), account('REGISTERED', 'target', 31)], strict);
    expect(refusalsOf(known)).toEqual([null]);
    expect(known.scored.get('target.QUALITY')).toMatchObject({ count: 1, asOfMs: startMs });
  });

  test('given long after its own time, by its own clock: a replay of the past is not late, nor is a platform', () => {
    const newest = given({ eventId: 'new', atMs: startMs + 30 * dayMs });
    const old = given({ eventId: 'old', target: 'other', atMs: startMs });
    expect(refusalsOf(play([newest, old]))).toEqual([null, 'BACK_DATED']);
    expect(refusalsOf(play([newest, { ...old, atMs: startMs + 24 * dayMs }]))).toEqual([null, null]);
    expect(refusalsOf(play([newest, { ...old, clock: 'replay:quantum' }]))).toEqual([null, null]);
    const attested = given({ eventId: 'old', source: 'platform:x', sourceKind: 'EXTERNAL', isAnonymous: true });
    expect(refusalsOf(play([newest, attested]))).toEqual([null, null]);
  });

  test('dated ahead of the log: it does not make the others late', () => {
    const memory = createMapMemory(seeded);
    const ahead = given({ eventId: 'ahead', atMs: startMs + 900 * dayMs });
    expect(takeEvidence(memory, ahead, { nowMs: startMs }).ledger).toMatchObject([
      { refusal: 'OUT_OF_RANGE', counted: 0 },
    ]);
    expect(takeEvidence(memory, given({ eventId: 'now' }), { nowMs: startMs }).ledger).toMatchObject([
      { refusal: null },
    ]);
  });

  test('said again within 30 days it is a repetition, later or otherwise a new word', () => {
    const said = given({ eventId: 'e1', statement: 'seed|target|QUALITY' });
    const again = (days: number, weight = 0.3): Evidence => ({
      ...said,
      eventId: 'e2',
      weight,
      atMs: startMs + days * dayMs,
    });
    expect(refusalsOf(play([said, again(29)]))).toEqual([null, 'REPEATED']);
    expect(refusalsOf(play([said, again(30)]))).toEqual(['WITHDRAWN', null]);
    expect(refusalsOf(play([said, again(1, -0.3)]))).toEqual(['WITHDRAWN', null]);
  });
});

describe('a time off', () => {
  test('the clock of decay stands still, and lags behind ever after', () => {
    const freezes = [
      [100, 200],
      [300, 350],
    ] as const;
    expect([50, 100, 150, 200, 250, 325, 350, 400].map((atMs) => decayClock(freezes, atMs))).toEqual([
      50, 100, 100, 100, 150, 200, 200, 250,
    ]);
  });

  test('what is old then is as old afterwards, and the ledger adds up', () => {
    const history = play([
      given({ eventId: 'e1' }),
      freeze('target', 10, 300),
      given({
        eventId: 'e2',
        source: 'platform:x',
        sourceKind: 'EXTERNAL',
        isAnonymous: true,
        atMs: startMs + 330 * dayMs,
      }),
    ]);
    const state = history.scored.get('target.QUALITY');
    expect(state).toMatchObject({ asOfMs: startMs + 330 * dayMs, atMs: startMs + 30 * dayMs });
    expect(sumsOf(history, 'target').positive).toBeCloseTo(0.3 * decay(30 * dayMs, 1) + 0.15, 12);
    expect(explained(history.ledger.values(), 'target', 'QUALITY', state?.atMs ?? 0).positive).toBeCloseTo(
      sumsOf(history, 'target').positive,
      12,
    );
  });

  test('ended early, it ends then', () => {
    const { memory } = play([freeze('target', 0, 300), account('THAWED', 'target', 50)]);
    expect(memory.get('account', 'target')?.freezes).toEqual([[startMs, startMs + 50 * dayMs]]);
  });
});

describe('a departure', () => {
  const roots: Roots = {
    seeds: new Set(['seed', 'a', 'b']),
    platformTrust: {},
    walksPerSeed: 100,
    anybodyIsKnown: true,
  };
  const vouch = (source: string, target: string): Evidence =>
    given({ eventId: `${source} ${target}`, source, target, weight: 1 });
  const groups: Roots = { ...roots, seeds: new Set(['s0', 's1', 's2', 's3', 's4']) };
  const welcomed = ['m', 'n', 'o'].flatMap((name) => ['s0', 's1', 's2', 's3', 's4'].map((seed) => vouch(seed, name)));
  const through = ['m', 'n', 'o'].map((name) => vouch(name, 'friend'));

  test('nothing leads to the erased or from them, and their scores are gone', () => {
    const { memory, scored } = play([...welcomed, ...through, account('ERASED', 'm')], groups);
    expect(memory.network.hits('m')).toBe(0);
    expect(trustIn(memory, 'm')).toBe(0);
    expect(scored.get('m.QUALITY')).toMatchObject({ count: 0 });
    expect(memory.sums('m', 'QUALITY')).toBeUndefined();
    for (const kind of ['creator', 'waiting', 'reliance', 'early'] as const)
      expect(memory.get(kind, 'm')).toBeUndefined();
  });

  test('goal: whatever happens, and whatever it says of its time, no score becomes what it is before it was what it had been', () => {
    fc.assert(
      fc.property(someHistory, (mixed) => {
        const memory = createMapMemory(roots);
        const before = new Map<string, number>();
        for (const each of mixed)
          for (const { creatorId, dimension, changedMs } of takeEvidence(memory, each).changed) {
            const key = `${creatorId}.${dimension}`;
            expect(changedMs).toBeGreaterThanOrEqual(before.get(key) ?? 0);
            before.set(key, changedMs);
          }
      }),
      { numRuns: 500 },
    );
  });

  test('others are trusted afterwards as if the erased had never vouched, walk for walk', () => {
    const gone = play([...welcomed, ...through, account('ERASED', 'm')], groups).memory;
    const never = play(
      [...welcomed.filter((each) => each.kind !== 'GIVEN' || each.target !== 'm'), ...through.slice(1)],
      groups,
    ).memory;
    for (const name of ['friend', 'n', 'o']) expect(gone.network.hits(name)).toBe(never.network.hits(name));
    expect(trustIn(gone, 'friend')).toBeLessThan(
      trustIn(play([...welcomed, ...through], groups).memory, 'friend') + 1e-9,
    );
  });

  test('what they gave stands as it was counted; what they give or get afterwards leaves no trace', () => {
    const history = play(
      [...welcomed, ...through, account('ERASED', 'm'), vouch('n', 'm'), vouch('m', 'late')],
      groups,
    );
    expect([...history.ledger.values()].filter(({ target }) => target === 'friend')).toHaveLength(3);
    expect(sumsOf(history, 'friend')).toEqual(sumsOf(play([...welcomed, ...through], groups), 'friend'));
    expect([...history.ledger.values()].some(({ eventId }) => eventId === 'n m')).toBe(false);
    expect(sumsOf(history, 'late').positive).toBe(0);
  });

  test('goal: with departures, blocks and times off anywhere in it, a replay is the same, ledgers add up and the kept edges give the same walks', () => {
    fc.assert(
      fc.property(someHistory, (mixed) => {
        const history = play(mixed, roots);
        const again = play(mixed, roots);
        expect([again.ledger, again.scored, again.memory.network.stateHash()]).toEqual([
          history.ledger,
          history.scored,
          history.memory.network.stateHash(),
        ]);
        expect(restoreNetwork(roots, history.memory).stateHash()).toBe(history.memory.network.stateHash());
        for (const target of ['seed', 'a', 'b', 'c', 'd'])
          for (const dimension of dimensions) {
            const state = history.memory.sums(target, dimension);
            if (history.memory.get('account', target)?.state === 'ERASED') continue;
            const told = explained(history.ledger.values(), target, dimension, state?.atMs ?? 0);
            const sums = sumsOf(history, target, dimension);
            expect(Math.abs(told.positive - sums.positive)).toBeLessThan(1e-9);
            expect(Math.abs(told.negative - sums.negative)).toBeLessThan(1e-9);
          }
      }),
      { numRuns: 50 },
    );
  });
});
