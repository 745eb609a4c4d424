import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { invitationToJointWork } from '../../schema/metrics/declared/together.ts';
import { rational, toNumber } from '../../schema/metrics/rational.ts';
import { KeyedState } from '../shared/keyed-state.ts';
import { defaultLimits } from '../shared/processor-config.ts';
import { dayUs, hourUs } from './clock.ts';
import { lifetimes, releaseStores } from './stores.ts';
import { does } from './testing.ts';
import { dropOldInvitations, noteDeed, waitingSums } from './wait-window.ts';

interface Act {
  readonly day: number;
  readonly hour: number;
  readonly account: string;
  readonly phase: 'INVITED' | 'JOINED';
  readonly other: string;
}

/** What is taken away of one account on one day: what it did, or also that what others did to it counts. */
interface Gone {
  readonly account: string;
  readonly day: number;
  readonly alsoDoneToIt: boolean;
}

const { waitDaysMax = 0 } = invitationToJointWork;
const lifetimeRho = rational(1_000_000n);

/** Every cell of every window before noise, day by day, as the processor makes them. */
function cellsOf(acts: readonly Act[], gone: Gone | null = null): ReadonlyMap<string, number> {
  const state = new KeyedState(releaseStores, defaultLimits.stateEntryCharsMax);
  const found = new Map<string, number>();
  for (const day of [...new Set(acts.map((act) => act.day))].sort((a, b) => a - b)) {
    const isIts = gone?.day === day;
    for (const { account, hour, phase, other } of acts.filter((act) => act.day === day))
      if (!isIts || account !== gone.account) {
        const wallUs = day * dayUs + hour * hourUs;
        noteDeed({ ...does(account, 0, []), wallUs, pair: { phase, other } }, state);
      }
    // What others do to an account that may be charged no more counts nowhere.
    const isBarred = isIts && gone.alsoDoneToIt;
    if (isBarred) state.put(lifetimes, gone.account, '1000000');
    const acted = new Set(acts.flatMap(({ account, other }) => [account, other]));
    const window = { domain: 'live', windowUs: day * dayUs, acted };
    const { sums, keep } = waitingSums(invitationToJointWork, window, state, {
      lifetimeRho: isBarred ? lifetimeRho : null,
    });
    keep();
    dropOldInvitations(state, 'live', { todayUs: (day + 1) * dayUs, waitDaysMax });
    if (isIts) state.remove(lifetimes, gone.account);
    for (const [key, sum] of sums) found.set(`${day} ${key}`, sum);
  }
  return found;
}

function distance2(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): number {
  const names = [...new Set([...one.keys(), ...other.keys()])];
  return names.reduce((sum, name) => sum + ((one.get(name) ?? 0) - (other.get(name) ?? 0)) ** 2, 0);
}

const declared2 = toNumber(invitationToJointWork.sensitivity2);
const act = (day: number, account: string, phase: Act['phase'], other: string, hour = 12): Act => ({
  day,
  hour,
  account,
  phase,
  other,
});

/** Day 10 of A at its worst: four changes in one cell of day 28, and two on the day itself. */
const worst: readonly Act[] = [
  // Without A, x began joint work with s on the day, and does not later.
  act(2, 's', 'INVITED', 'x'),
  act(10, 'A', 'JOINED', 's'),
  act(10, 'x', 'JOINED', 's'),
  act(28, 's', 'JOINED', 'x'),
  // With A, u does on the day, and again after another invitation.
  act(8, 'A', 'INVITED', 'u'),
  act(10, 'u', 'JOINED', 'A'),
  act(12, 'A', 'INVITED', 'u'),
  act(28, 'u', 'JOINED', 'A'),
  // Without A, e has two invitations that wait with y.
  act(5, 'e', 'INVITED', 'y'),
  act(10, 'A', 'INVITED', 'e'),
  act(10, 'y', 'INVITED', 'e'),
  act(28, 'y', 'JOINED', 'e'),
  act(10, 'z', 'INVITED', 'A'),
  act(28, 'A', 'JOINED', 'z'),
];

describe('how far one account-day moves the waits of all windows', () => {
  test('a case comes near to what is declared: 18 of 20', () => {
    expect(declared2).toBe(20);
    const gone = { account: 'A', day: 10, alsoDoneToIt: true };
    expect(distance2(cellsOf(worst), cellsOf(worst, gone))).toBe(18);
  });

  const account = fc.constantFrom('A', 's', 'x', 'u', 'e', 'y', 'z');
  const deed: fc.Arbitrary<Act> = fc
    .record({
      // Close together, and so far apart that invitations have grown old.
      day: fc.constantFrom(2, 5, 8, 10, 11, 12, 28, 99, 101),
      hour: fc.integer({ min: 0, max: 23 }),
      account,
      phase: fc.constantFrom('INVITED' as const, 'JOINED' as const),
      other: account,
    })
    .filter((one) => one.account !== one.other);
  const gone: fc.Arbitrary<Gone> = fc.record({
    account: fc.constantFrom('A', 's'),
    day: fc.constantFrom(2, 8, 10),
    alsoDoneToIt: fc.boolean(),
  });

  test.each([
    ['whatever happens', fc.array(deed, { maxLength: 80 })],
    // Near the worst case, where chance alone seldom comes.
    [
      'whatever happens beside the worst',
      fc
        .tuple(fc.shuffledSubarray([...worst], { minLength: 8 }), fc.array(deed, { maxLength: 12 }))
        .map(([some, more]) => [...some, ...more]),
    ],
  ] as const)('never by more than is declared, %s', (_what, histories) => {
    fc.assert(
      fc.property(histories, gone, (acts, taken) => {
        expect(distance2(cellsOf(acts), cellsOf(acts, taken))).toBeLessThanOrEqual(declared2);
      }),
      { numRuns: 3_000 },
    );
  });

  test('however many somebody invites, or invite them, or begin to work with them', () => {
    const many = Array.from({ length: 200 }, (_, n) => n);
    const busy = many.flatMap((n) => [act(1, 'A', 'INVITED', `g${n}`), act(2 + (n % 80), `g${n}`, 'JOINED', 'A')]);
    const idol = many.flatMap((n) => [act(1, `h${n}`, 'INVITED', 'A'), act(2 + (n % 80), 'A', 'JOINED', `h${n}`)]);
    const sought = many.flatMap((n) => [
      act(1, `h${n}`, 'INVITED', `i${n}`),
      act(3, `h${n}`, 'JOINED', 'A'),
      act(9, `i${n}`, 'JOINED', `h${n}`),
    ]);
    for (const [acts, day] of [
      [busy, 1],
      [idol, 1],
      [sought, 3],
    ] as const)
      for (const alsoDoneToIt of [true, false])
        expect(distance2(cellsOf(acts), cellsOf(acts, { account: 'A', day, alsoDoneToIt }))).toBeLessThanOrEqual(2);
  });

  test('the order of arrival changes nothing', () => {
    fc.assert(
      fc.property(
        fc
          .array(deed, { maxLength: 40 })
          .chain((acts) => fc.tuple(fc.constant(acts), fc.shuffledSubarray(acts, { minLength: acts.length }))),
        ([acts, shuffled]) => {
          expect(distance2(cellsOf(acts), cellsOf(shuffled))).toBe(0);
        },
      ),
    );
  });
});

describe('a wait', () => {
  const waits = (...acts: Act[]): object => Object.fromEntries(cellsOf(acts));
  test('is from the invitation to the joint work, whoever of the two invited, once', () => {
    expect(waits(act(1, 'a', 'INVITED', 'b'), act(3, 'b', 'JOINED', 'a'), act(4, 'a', 'JOINED', 'b'))).toEqual({
      '3 1/2': 1,
    });
    expect(waits(act(1, 'a', 'INVITED', 'b', 9), act(1, 'a', 'JOINED', 'b', 12))).toEqual({ '1 1/1': 1 });
  });

  test('is none where the joint work came first, the invitation is too old, or two wait', () => {
    expect(waits(act(1, 'a', 'INVITED', 'b', 12), act(1, 'a', 'JOINED', 'b', 9))).toEqual({});
    expect(waits(act(1, 'a', 'INVITED', 'b'), act(92, 'a', 'JOINED', 'b'))).toEqual({});
    expect(waits(act(1, 'a', 'INVITED', 'b'), act(91, 'a', 'JOINED', 'b'))).toEqual({ '91 1/5': 1 });
    expect(waits(act(1, 'a', 'INVITED', 'b'), act(2, 'b', 'INVITED', 'a'), act(3, 'a', 'JOINED', 'b'))).toEqual({});
  });
});
