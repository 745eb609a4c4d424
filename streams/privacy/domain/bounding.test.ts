import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Bounds, type Cell, boundWindow } from './bounding.ts';

const cell: fc.Arbitrary<Cell> = fc.record({
  account: fc.constantFrom('a', 'b', 'c'),
  key: fc.constantFrom('P', 'Q', 'R', 'S'),
  value: fc.integer({ min: 1, max: 9 }),
  subject: fc.constant(null),
});
/** What an account did in a cell comes summed up: one entry per account and key. */
const window = fc.uniqueArray(cell, { selector: ({ account, key }) => `${account} ${key}` });
const bounds: Bounds = { l0: 2, linf: 3, principals: 1, pick: 'RANK' };
const rank = (account: string, { key }: Cell): string =>
  `${(account.charCodeAt(0) * 31 + key.charCodeAt(0) * 17) % 101}`.padStart(3, '0') + key;
const bound = (cells: readonly Cell[], before: ReadonlyMap<string, number> = new Map()) =>
  boundWindow(cells, { bounds, rank, usedBefore: (account) => before.get(account) ?? 0, admits: () => true });

describe('bounding what an account contributes', () => {
  test('does not depend on the order of arrival', () => {
    fc.assert(
      fc.property(
        window.chain((cells) => fc.tuple(fc.constant(cells), fc.shuffledSubarray(cells, { minLength: cells.length }))),
        ([cells, shuffled]) => {
          const sorted = (sums: ReadonlyMap<string, number>) => [...sums].toSorted();
          expect(sorted(bound(shuffled).sums)).toEqual(sorted(bound(cells).sums));
        },
      ),
    );
  });

  test('adding one account’s whole day moves the sums of all its windows by at most sqrt(l0) · linf', () => {
    fc.assert(
      fc.property(fc.array(window, { minLength: 1, maxLength: 6 }), (windows) => {
        let squares = 0;
        let [used, usedWithout] = [new Map<string, number>(), new Map<string, number>()];
        for (const cells of windows) {
          const [all, without] = [
            bound(cells, used),
            bound(
              cells.filter(({ account }) => account !== 'a'),
              usedWithout,
            ),
          ];
          for (const key of ['P', 'Q', 'R', 'S'])
            squares += ((all.sums.get(key) ?? 0) - (without.sums.get(key) ?? 0)) ** 2;
          used = new Map([...used, ...all.used]);
          usedWithout = new Map([...usedWithout, ...without.used]);
        }
        expect(squares).toBeLessThanOrEqual(bounds.l0 * bounds.linf ** 2);
      }),
    );
  });

  test('the cells that an account added most to count where the metric says so', () => {
    const own: Cell[] = ['P', 'Q', 'R'].map((key, n) => ({ account: 'a', key, value: n + 1, subject: null }));
    const most = boundWindow(own, {
      bounds: { ...bounds, l0: 1, pick: 'MOST' },
      rank,
      usedBefore: () => 0,
      admits: () => true,
    });
    expect([...most.sums]).toEqual([['R', 3]]);
  });

  test('whoever may be charged no more counts nowhere', () => {
    const own: Cell[] = ['a', 'b'].map((account) => ({ account, key: 'P', value: 1, subject: null }));
    const left = boundWindow(own, { bounds, rank, usedBefore: () => 0, admits: (account) => account !== 'a' });
    expect([...left.sums]).toEqual([['P', 1]]);
    expect(left.used.has('a')).toBe(false);
  });
});

describe('bounding what is done between two', () => {
  const both: Bounds = { l0: 2, linf: 2, principals: 2, pick: 'RANK' };
  const keys = ['P', 'Q'];
  const deed: fc.Arbitrary<Cell> = fc.record({
    account: fc.constantFrom('a', 'b', 'c', 'd'),
    key: fc.constantFrom(...keys),
    value: fc.integer({ min: 1, max: 3 }),
    subject: fc.constantFrom('a', 'b', 'c', 'd', null),
  });
  const deeds = fc
    .uniqueArray(deed, { selector: ({ account, key, subject }) => `${account} ${key} ${subject}`, maxLength: 30 })
    .map((list) => list.filter(({ account, subject }) => account !== subject));
  const sumsOf = (list: readonly Cell[], admits: (account: string) => boolean = () => true) =>
    boundWindow(list, {
      bounds: both,
      rank: (account, { key, subject }) => `${(account.charCodeAt(0) * 7 + key.charCodeAt(0) * 3) % 5}${key}${subject}`,
      usedBefore: () => 0,
      admits,
    }).sums;

  test('one account, in both parts, moves the sums by at most l0 + sqrt(keys) · linf', () => {
    fc.assert(
      fc.property(deeds, (list) => {
        const all = sumsOf(list);
        // Without the account: what it did is gone, what was done to it counts nowhere.
        const without = sumsOf(
          list.filter(({ account }) => account !== 'a'),
          (account) => account !== 'a',
        );
        const squares = keys.reduce((sum, key) => sum + ((all.get(key) ?? 0) - (without.get(key) ?? 0)) ** 2, 0);
        expect(Math.sqrt(squares)).toBeLessThanOrEqual(both.l0 + Math.sqrt(keys.length) * both.linf + 1e-9);
      }),
    );
  });

  test('a celebrity and a busy one count no more than their bounds', () => {
    const fans = ['b', 'c', 'd', 'e', 'f'].map((account) => ({ account, key: 'P', value: 1, subject: 'a' }));
    expect(sumsOf(fans).get('P')).toBe(2);
    const busy = ['b', 'c', 'd', 'e', 'f'].map((subject) => ({ account: 'a', key: 'P', value: 9, subject }));
    expect(sumsOf(busy).get('P')).toBe(2);
  });
});
