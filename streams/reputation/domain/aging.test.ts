import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Evidence } from '../../../schema/reputation/evidence.ts';
import { formula } from '../../../schema/reputation/formula.ts';
import { AgingQueue, dueMsOf } from './aging.ts';
import type { DimensionState } from './memory.ts';
import { accumulate, expectation, scoreOf, sumsAt } from './score.ts';
import { takeEvidence } from './fast-channel.ts';
import { createMapMemory } from './map-memory.ts';
import { type History, dayMs, given, play, seeded, someEvidence, startMs, sumsOf } from './testing.ts';

const { points, soonestMs, latestMs, perPiece } = formula.aging;

describe('when a score is due', () => {
  const stateOf = (pieces: readonly (readonly [amount: number, day: number])[]): DimensionState =>
    pieces
      .map(([amount, day]) => ({ amount, isNegative: amount < 0, atMs: startMs + day * dayMs, pieces: 1 }))
      .reduce<DimensionState | undefined>((state, change) => accumulate(state, change), undefined) as DimensionState;

  test('goal: not before it can have moved by a point at the speed of its next day, nor sooner or later than the bounds', () => {
    const somePieces = fc.array(fc.tuple(fc.constantFrom(-1, -0.3, 0.2, 1), fc.nat(900)), {
      minLength: 1,
      maxLength: 30,
    });
    const scoreAt = (state: DimensionState, atMs: number): number => 100 * expectation(sumsAt(state, atMs));
    fc.assert(
      fc.property(somePieces, (pieces) => {
        const state = stateOf(pieces);
        const waitsMs = dueMsOf(state) - state.asOfMs;
        if (waitsMs === Infinity) {
          for (const days of [1, 30, 365, 3_650])
            expect(Math.abs(scoreAt(state, state.atMs + days * dayMs) - scoreOf(state).score)).toBeLessThan(points);
          return;
        }
        expect(waitsMs).toBeGreaterThanOrEqual(soonestMs);
        expect(waitsMs).toBeLessThanOrEqual(latestMs);
        const aDay = Math.abs(scoreAt(state, state.atMs + soonestMs) - scoreOf(state).score);
        if (waitsMs < latestMs) expect((aDay * waitsMs) / soonestMs).toBeGreaterThanOrEqual(points - 1e-9);
        if (waitsMs > soonestMs) expect((aDay * (waitsMs - soonestMs)) / soonestMs).toBeLessThan(points);
      }),
    );
  });
});

describe('the queue', () => {
  test('goal: whatever is queued, moved, taken back or restored in between, what comes out is what is due first by the states of that moment', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      due: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constant(Infinity)),
      nowMs: fc.nat(60),
      max: fc.nat(3),
      what: fc.constantFrom('change', 'change', 'take', 'take and undo', 'restore'),
      // What the same record takes, and changes, after that.
      more: fc.array(
        fc.record({ key: fc.constantFrom('a', 'b', 'c'), due: fc.nat(60), nowMs: fc.nat(60), max: fc.nat(3) }),
        { maxLength: 3 },
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let queue = new AgingQueue();
        const states = new Map<string, number>();
        const dueOf = (key: string): number => states.get(key) ?? Infinity;
        const set = (key: string, due: number): void => {
          states.set(key, due);
          queue.push('live', key, due);
        };
        const takesWhatIsDue = (nowMs: number, max: number): readonly string[] => {
          const expected = [...states]
            .filter(([, dueMs]) => dueMs <= nowMs)
            .sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
            .slice(0, max)
            .map(([each]) => each);
          expect(queue.take('live', nowMs, { max, dueOf })).toEqual(expected);
          return expected;
        };
        for (const { key, due, nowMs, max, what, more } of steps) {
          if (what === 'change') set(key, due);
          else if (what === 'restore') {
            queue = new AgingQueue();
            for (const [each, dueMs] of states) queue.push('live', each, dueMs);
          } else {
            const before = new Map(states);
            queue.begin();
            for (const each of takesWhatIsDue(nowMs, max)) set(each, nowMs + 1 + due);
            for (const next of more) {
              set(next.key, next.due);
              for (const each of takesWhatIsDue(next.nowMs, next.max)) set(each, next.nowMs + 1 + due);
            }
            if (what === 'take and undo') {
              states.clear();
              for (const [each, dueMs] of before) states.set(each, dueMs);
            }
          }
        }
        expect(queue.take('other', 60, { max: 5, dueOf })).toEqual([]);
      }),
    );
  });
});

describe('time that passes', () => {
  const praise = (eventId: string, day: number, more: object = {}): ReturnType<typeof given> =>
    given({ eventId, weight: 1, atMs: startMs + day * dayMs, ...more });
  const elsewhere = (day: number, more: object = {}): ReturnType<typeof given> =>
    praise(`elsewhere ${day}`, day, { target: 'other', ...more });
  const daysOf = (history: History): number => ((history.scored.get('target.QUALITY')?.atMs ?? 0) - startMs) / dayMs;

  test('goal: a score fades while nothing happens to its creator, by what others are told, and its ledger still adds up', () => {
    const history = play([praise('e1', 0), elsewhere(100)]);
    expect(daysOf(history)).toBe(100);
    const share = (days: number): number => 0.7 * 2 ** (-days / 20) + 0.3 * 2 ** (-days / 365);
    expect(sumsOf(history, 'target').positive).toBeCloseTo(share(100), 12);
    expect(history.scored.get('target.QUALITY')).toMatchObject({ count: 1, asOfMs: startMs + 100 * dayMs });
  });

  test('goal: by the clock of its newest evidence only: life goes on beside a community of years ago', () => {
    const replayed = { clock: 'replay:old' };
    expect(daysOf(play([praise('e1', 0, replayed), elsewhere(100)]))).toBe(0);
    expect(
      daysOf(play([praise('e1', 0, { ...replayed, weight: 0.3 }), praise('e2', 1, { weight: 0.3 }), elsewhere(100)])),
    ).toBe(100);
    // Evidence of before the newest does not put its creator back to that clock.
    expect(
      daysOf(
        play([
          praise('e1', 5, { weight: 0.3 }),
          praise('e2', 1, { ...replayed, weight: 0.3 }),
          elsewhere(100, replayed),
        ]),
      ),
    ).toBe(5);
  });

  test('goal: not while its creator’s clock of decay stands, and not once they are gone', () => {
    const atMs = startMs + dayMs;
    const off = { kind: 'FROZEN', eventId: 'f', creatorId: 'target', atMs, untilMs: startMs + 200 * dayMs } as const;
    expect(daysOf(play([praise('e1', 0), off, elsewhere(100)]))).toBe(1);
    const gone = { kind: 'ERASED', eventId: 'x', creatorId: 'target', atMs } as const;
    expect(play([praise('e1', 0), gone, elsewhere(100)]).memory.sums('target', 'QUALITY')).toBeUndefined();
  });

  test('goal: what is refused moves no time', () => {
    const own = elsewhere(100, { source: 'other', refusal: 'SELF' });
    expect(daysOf(play([praise('e1', 0), own]))).toBe(0);
  });

  test('goal: of many that are due a few come with each piece, the longest due first', () => {
    const crowd = Array.from({ length: 3 * perPiece }, (_, n) =>
      praise(`e${n}`, n / 1_000, { target: `t${n}`, weight: 0.3 }),
    );
    const seen = [1, 2, 3, 4].map((pieces) => {
      const later = Array.from({ length: pieces }, (_, n) => elsewhere(300 + n));
      const { scored } = play([...crowd, ...later]);
      return crowd.map(({ target }) => (scored.get(`${target}.QUALITY`)?.asOfMs ?? 0) >= startMs + 300 * dayMs);
    });
    expect(seen).toEqual([1, 2, 3, 3].map((pieces) => crowd.map((_, n) => n < pieces * perPiece)));
  });

  test('goal: a registration that lets evidence of months count lets time pass with each piece of it, and what counts by it is told as of then', () => {
    const registered = (creatorId: string, day: number): Evidence => ({
      kind: 'REGISTERED',
      eventId: `r ${creatorId}`,
      creatorId,
      atMs: startMs + day * dayMs,
    });
    const history: readonly Evidence[] = [
      ...['seed', 'target', 'other'].map((id) => registered(id, 0)),
      praise('e1', 0, { weight: 0.3 }),
      praise('late', 1, { source: 'newcomer', weight: 0.3 }),
      ...[100, 200].map((day) => elsewhere(day, { source: 'newcomer' })),
      registered('newcomer', 300),
    ];
    const memory = createMapMemory({ ...seeded, seeds: new Set(['seed', 'newcomer']), anybodyIsKnown: false });
    const changed = history.map((each) => takeEvidence(memory, each).changed).at(-1) ?? [];
    expect(
      changed.map(({ creatorId, state, changedMs }) => [
        creatorId,
        ...[state.asOfMs, changedMs].map((ms) => (ms - startMs) / dayMs),
      ]),
    ).toEqual([
      ['target', 200, 300],
      ['other', 200, 300],
    ]);
  });

  test('goal: whatever has happened, once others have been judged often enough every score stands within three points of what is left of it', () => {
    fc.assert(
      fc.property(someEvidence, fc.nat(400), (evidence, days) => {
        const endMs = startMs + (800 + days) * dayMs;
        const judged = Array.from({ length: 20 }, (_, n) =>
          given({ eventId: `last ${n}`, target: 'other', source: 'seed', atMs: endMs + n }),
        );
        const { scored } = play([...evidence, ...judged], seeded);
        for (const [key, state] of scored) {
          if (key.startsWith('other')) continue;
          const exact = 100 * expectation(sumsAt(state, Math.max(endMs, state.atMs)));
          expect(Math.abs(scoreOf(state).score - exact)).toBeLessThan(3);
        }
      }),
    );
  });
});
