import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dimensions } from '../../../schema/graph/catalogue.ts';
import type { Evidence, OverturnedEvidence } from '../../../schema/reputation/evidence.ts';
import { formula } from '../../../schema/reputation/formula.ts';
import { type LedgerEntry, takeEvidence } from './fast-channel.ts';
import { createMapMemory } from './map-memory.ts';
import { pieceKey } from './memory.ts';
import { type History, dayMs, explained, given, play, seeded, someEvidence, startMs, sumsOf } from './testing.ts';

const refusalsOf = (history: History): readonly (string | null)[] =>
  [...history.ledger.values()].map(({ refusal }) => refusal);

describe('what the ledger says', () => {
  test('goal: for any evidence in any order, it adds up to the score’s inputs within 1e-9', () => {
    fc.assert(
      fc.property(someEvidence, (evidence) => {
        const history = play(evidence);
        for (const target of ['seed', 'a', 'b', 'c', 'd']) {
          for (const dimension of dimensions) {
            const state = history.memory.sums(target, dimension);
            const sums = sumsOf(history, target, dimension);
            const told = explained(history.ledger.values(), target, dimension, state?.atMs ?? 0);
            expect(Math.abs(told.positive - sums.positive)).toBeLessThan(1e-9);
            expect(Math.abs(told.negative - sums.negative)).toBeLessThan(1e-9);
            expect(history.scored.get(`${target}.${dimension}`)).toEqual(state);
            const counting = [...history.ledger.values()].filter(
              (entry) => entry.target === target && entry.dimension === dimension && entry.counted !== 0,
            );
            expect(state?.count ?? 0).toBe(counting.length);
          }
        }
      }),
    );
  });

  test('goal: a replay of the same evidence gives the same ledger and scores', () => {
    const told = ({ ledger, scored, memory }: History): unknown => [ledger, scored, memory.network.stateHash()];
    fc.assert(fc.property(someEvidence, (evidence) => expect(told(play(evidence))).toEqual(told(play(evidence)))));
  });

  test('goal: within the caps and from trusted sources, the order of arrival changes nothing', () => {
    const pieces = fc.uniqueArray(
      fc.record({ n: fc.nat(40), weight: fc.constantFrom(-0.3, 0.2, 0.3), day: fc.nat(400) }),
      { selector: ({ n }) => n, maxLength: 20 },
    );
    fc.assert(
      fc.property(pieces, fc.infiniteStream(fc.nat()), (list, random) => {
        const evidence = list.map(({ n, weight, day }) =>
          given({
            eventId: `e${n}`,
            source: 'platform:x',
            sourceKind: 'EXTERNAL',
            isAnonymous: true,
            weight,
            atMs: startMs + day * dayMs,
          }),
        );
        const keyed = evidence.map((each) => ({ each, key: random.next().value as number }));
        const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ each }) => each);
        const [a, b] = [sumsOf(play(evidence), 'target'), sumsOf(play(shuffled), 'target')];
        expect(Math.abs(a.positive - b.positive)).toBeLessThan(1e-9);
        expect(Math.abs(a.negative - b.negative)).toBeLessThan(1e-9);
      }),
    );
  });

  test('goal: what is refused stands there with its reason and counts nothing', () => {
    const history = play([
      given({ eventId: 'e1', source: 'target', refusal: 'SELF' }),
      given({ eventId: 'e2', sourceKind: 'IMVU', refusal: 'AGENT' }),
    ]);
    expect([...history.ledger.values()].map(({ counted, refusal }) => [counted, refusal])).toEqual([
      [0, 'SELF'],
      [0, 'AGENT'],
    ]);
    expect(history.scored.size).toBe(0);
  });
});

describe('caps', () => {
  test('goal: no source gives one target more than a unit per dimension in any 30 days, nor anybody more than 20 units a day', () => {
    const burst = fc.array(
      fc.record({ target: fc.nat(40), weight: fc.double({ min: 0.01, max: 1, noNaN: true }), hour: fc.nat(24 * 70) }),
      { maxLength: 150 },
    );
    fc.assert(
      fc.property(burst, (list) => {
        const evidence = list
          .sort((a, b) => a.hour - b.hour)
          .map(({ target, weight, hour }, index) =>
            given({ eventId: `e${index}`, target: `t${target % 25}`, weight, atMs: startMs + hour * 3_600_000 }),
          );
        const entries = [...play(evidence).ledger.values()];
        for (const one of entries) {
          const inWindow = entries.filter(
            (other) =>
              other.target === one.target && other.atMs <= one.atMs && other.atMs > one.atMs - formula.pairCap.windowMs,
          );
          expect(inWindow.reduce((sum, { counted }) => sum + counted, 0)).toBeLessThan(1 + 1e-9);
          const onDay = entries.filter((other) => Math.floor(other.atMs / dayMs) === Math.floor(one.atMs / dayMs));
          expect(onDay.reduce((sum, { counted }) => sum + counted, 0)).toBeLessThan(20 + 1e-9);
        }
      }),
    );
  });

  test('goal: what is left of a cap still counts, what is above it is refused with the cap’s name', () => {
    const history = play(
      [0.7, 0.7, 0.7].map((weight, index) => given({ eventId: `e${index}`, weight, atMs: startMs + index })),
    );
    expect([...history.ledger.values()].map(({ counted }) => counted)).toEqual([0.7, expect.closeTo(0.3, 12), 0]);
    expect(refusalsOf(history)).toEqual([null, 'PAIR_CAP', 'PAIR_CAP']);
    const later = play([
      given({ eventId: 'e0', weight: 1 }),
      given({ eventId: 'e1', weight: 1, atMs: startMs + 30 * dayMs }),
    ]);
    expect(refusalsOf(later)).toEqual([null, null]);
    const day = play(
      Array.from({ length: 21 }, (_, index) => given({ eventId: `e${index}`, target: `t${index}`, weight: 1 })),
    );
    expect(refusalsOf(day).at(-1)).toBe('DAY_CAP');
  });

  test('goal: anonymous votes of a platform are sources of their own; its badges are one source', () => {
    const votes = (isAnonymous: boolean): readonly Evidence[] =>
      [1, 2, 3].map((n) =>
        given({ eventId: `e${n}`, source: 'platform:x', sourceKind: 'EXTERNAL', weight: 1, isAnonymous }),
      );
    expect(sumsOf(play(votes(true)), 'target').positive).toBeCloseTo(3 * formula.platformTrust, 12);
    expect(sumsOf(play(votes(false)), 'target').positive).toBeCloseTo(formula.platformTrust, 12);
    expect(
      sumsOf(
        play(votes(true), { seeds: new Set(), platformTrust: { 'platform:x': 0 }, anybodyIsKnown: true }),
        'target',
      ).positive,
    ).toBe(0);
  });

  test('goal: a rating back to one’s own negative rater counts a fifth, but uncounted malice is no shield', () => {
    const roots = { seeds: new Set(['a', 'b']), platformTrust: {}, anybodyIsKnown: true };
    const exchange = (first: string): History =>
      play(
        [
          given({ eventId: 'e1', source: first, target: 'b', weight: -0.3 }),
          given({ eventId: 'e2', source: 'b', target: first, weight: -0.3, atMs: startMs + dayMs }),
        ],
        roots,
      );
    expect(refusalsOf(exchange('a'))).toEqual([null, 'RETALIATION']);
    expect(sumsOf(exchange('a'), 'a').negative).toBeCloseTo(1.5 * 0.06, 12);
    expect(sumsOf(exchange('stranger'), 'stranger').negative).toBeCloseTo(1.5 * 0.3, 12);
  });
});

describe('what stands', () => {
  const endorsement = given({ eventId: 'e1', statement: 'a|b|QUALITY' });

  test('goal: withdrawn, it counts no more, and the ledger says so', () => {
    const history = play([
      endorsement,
      { kind: 'WITHDRAWN', eventId: 'w1', source: 'seed', statement: 'a|b|QUALITY', atMs: startMs + dayMs },
    ]);
    expect(refusalsOf(history)).toEqual(['WITHDRAWN']);
    expect(history.scored.get('target.QUALITY')).toMatchObject({ count: 0 });
    expect(sumsOf(history, 'target').positive).toBe(0);
    expect(history.memory.network.hits('target')).toBe(0);
  });

  test('goal: a score tells when it became what it is, however old its evidence', () => {
    // Two seeds vouch for the source, so that it does not rest on one alone.
    const memory = createMapMemory({ ...seeded, seeds: new Set(['seed', 'seed 2']) });
    const changes = (evidence: Evidence): unknown =>
      takeEvidence(memory, evidence).changed.map(({ creatorId, state, changedMs }) => [
        creatorId,
        (state.asOfMs - startMs) / dayMs,
        (changedMs - startMs) / dayMs,
      ]);
    expect(changes(given({ eventId: 'e1', source: 'late', statement: 'late|target' }))).toEqual([]);
    const vouched = ['seed', 'seed 2'].map((source) =>
      given({ eventId: `by ${source}`, source, target: 'late', atMs: startMs + 5 * dayMs }),
    );
    expect(vouched.map(changes).at(-1)).toEqual([
      ['late', 5, 5],
      ['target', 0, 5],
    ]);
    const withdrawn = { kind: 'WITHDRAWN', eventId: 'w1', source: 'late', statement: 'late|target' } as const;
    expect(changes({ ...withdrawn, atMs: startMs + 9 * dayMs })).toEqual([['target', 0, 9]]);
    // What was withdrawn at 9 is gone from the score of older evidence that comes after it, too.
    expect(changes(given({ eventId: 'e2', atMs: startMs + 6 * dayMs }))).toEqual([['target', 6, 9]]);
    expect(changes(given({ eventId: 'e3', atMs: startMs + 12 * dayMs }))).toEqual([['target', 12, 12]]);
    expect(changes(given({ eventId: 'e4', atMs: startMs + 11 * dayMs }))).toEqual([['target', 12, 12]]);
  });

  test('goal: given anew, the new one replaces the old one', () => {
    const history = play([endorsement, { ...endorsement, eventId: 'e2', weight: 0.12, atMs: startMs + dayMs }]);
    expect(refusalsOf(history)).toEqual(['WITHDRAWN', null]);
    expect(sumsOf(history, 'target').positive).toBeCloseTo(0.12, 12);
  });

  test('goal: nobody withdraws another’s statement, and pieces of one event stand together', () => {
    const second = { ...endorsement, dimension: 'COMMUNITY' } as const;
    const history = play([
      endorsement,
      second,
      { kind: 'WITHDRAWN', eventId: 'w1', source: 'other', statement: 'a|b|QUALITY', atMs: startMs },
    ]);
    expect(refusalsOf(history)).toEqual([null, null]);
  });
});

describe('an appeal that was upheld', () => {
  const overturned = ({ refusal: _refusal, ...piece }: Omit<LedgerEntry, 'decayMs'>): Evidence => ({
    kind: 'OVERTURNED',
    eventId: `decision about ${piece.eventId}`,
    piece,
  });

  test('goal: takes out what a partner of full trust said, which nothing but an appeal can change', () => {
    const rated = given({ eventId: 'e1', rule: 'RATED_BY_PARTNER', dimension: 'COLLABORATION', weight: -1 });
    const before = play([rated]);
    expect(sumsOf(before, 'target', 'COLLABORATION').negative).toBeCloseTo(1.5, 12);
    const after = play([rated, ...[...before.ledger.values()].map(overturned)]);
    expect(refusalsOf(after)).toEqual(['OVERTURNED']);
    expect(sumsOf(after, 'target', 'COLLABORATION').negative).toBe(0);
    expect(after.scored.get('target.COLLABORATION')).toMatchObject({ count: 0 });
  });

  test('goal: takes out what a partner said also where an earlier version has forgotten the rating, as the ledger tells it', () => {
    const rated = given({ eventId: 'e1', rule: 'RATED_BY_PARTNER', dimension: 'COLLABORATION', weight: -1 });
    const { memory, ledger } = play([rated]);
    for (const key of ledger.keys()) memory.remove('piece', key);
    const decisions = [...ledger.values()].map(overturned);
    const effects = decisions.flatMap((decision) => takeEvidence(memory, decision).ledger);
    expect(effects).toMatchObject([{ counted: 0, refusal: 'OVERTURNED' }]);
    expect(memory.sums('target', 'COLLABORATION')).toMatchObject({ count: 0, negative: [0, 0, 0] });
  });

  test('goal: takes out what decays by the clock that it was counted by, though a freeze from before it was told of after it', () => {
    const rated = given({
      eventId: 'e1',
      rule: 'RATED_BY_PARTNER',
      dimension: 'COLLABORATION',
      weight: -1,
      atMs: startMs + 9 * dayMs,
    });
    const [atMs, untilMs] = [startMs, startMs + 30 * dayMs];
    const frozen = { kind: 'FROZEN', eventId: 'f1', creatorId: 'target', atMs, untilMs } as const;
    const [told] = [...play([rated]).ledger.values()];
    const { decayMs: _decayMs, ...untimed } = told as LedgerEntry;
    const { memory } = play([rated, frozen, overturned(untimed)]);
    expect(memory.sums('target', 'COLLABORATION')).toMatchObject({ count: 0, negative: [0, 0, 0] });
  });

  test('goal: is not undone by its source, who takes the same word back and says it again, however late', () => {
    const judged = given({ eventId: 'e1', rule: 'WORK_DISAPPROVED', weight: -0.3, statement: 'seed|work' });
    const [told] = [...play([judged]).ledger.values()];
    const again = (eventId: string, day: number, more: Partial<typeof judged> = {}): typeof judged => ({
      ...judged,
      eventId,
      atMs: startMs + day * dayMs,
      ...more,
    });
    const withdrawn = { kind: 'WITHDRAWN', source: 'seed', statement: 'seed|work', atMs: startMs } as const;
    const praise = again('e3', 50, { rule: 'WORK_APPROVED', weight: 0.3 });
    const history = play([
      judged,
      overturned(told as LedgerEntry),
      { ...withdrawn, eventId: 'w1' },
      again('e2', 1),
      praise,
      again('e4', 100),
      again('other work', 101, { statement: 'seed|other' }),
    ]);
    expect([...history.ledger.values()].map(({ eventId, refusal }) => [eventId, refusal])).toEqual([
      ['e1', 'OVERTURNED'],
      ['e2', 'OVERTURNED'],
      ['e3', 'WITHDRAWN'],
      ['e4', 'OVERTURNED'],
      ['other work', null],
    ]);
    expect(history.scored.get('target.QUALITY')).toMatchObject({ count: 1 });
    expect(sumsOf(history, 'target')).toEqual({ positive: 0, negative: expect.closeTo(0.45, 12) });
  });

  test('goal: whatever the evidence, takes out each negative piece that counted when the appeal was made, and ledgers go on summing', () => {
    fc.assert(
      fc.property(someEvidence, someEvidence, (evidence, later) => {
        const renamed = later.map((each): Evidence => ({ ...each, eventId: `later ${each.eventId}` }));
        const appealed = [...play(evidence).ledger.values()].filter(({ counted }) => counted < 0).map(overturned);
        const history = play([...evidence, ...renamed, ...appealed]);
        for (const decision of appealed) {
          const { piece } = decision as OverturnedEvidence;
          expect(history.ledger.get(pieceKey(piece))).toMatchObject({ counted: 0 });
        }
        for (const [key, state] of history.scored) {
          const [target = '', name] = key.split('.');
          const dimension = name as (typeof dimensions)[number];
          const sums = explained(history.ledger.values(), target, dimension, state.atMs);
          const inputs = sumsOf(history, target, dimension);
          expect(Math.abs(sums.positive - inputs.positive)).toBeLessThan(1e-9);
          expect(Math.abs(sums.negative - inputs.negative)).toBeLessThan(1e-9);
        }
      }),
    );
  });
});
