import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Cell, boundWindow } from './bounding.ts';

const cell: fc.Arbitrary<Cell> = fc.record({
  account: fc.constantFrom('a', 'b', 'c'),
  key: fc.constantFrom('P', 'Q', 'R', 'S'),
  value: fc.integer({ min: 1, max: 9 }),
});
/** What an account did in a cell comes summed up: one entry per account and key. */
const window = fc.uniqueArray(cell, { selector: ({ account, key }) => `${account} ${key}` });
const bounds = { l0: 2, linf: 3 };
const rank = (account: string, key: string): string =>
  `${(account.charCodeAt(0) * 31 + key.charCodeAt(0) * 17) % 101}`.padStart(3, '0') + key;
const bound = (cells: readonly Cell[], before: ReadonlyMap<string, number> = new Map()) =>
  boundWindow(cells, { bounds, rank, usedBefore: (account) => before.get(account) ?? 0 });

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
});
