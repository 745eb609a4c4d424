/** Goal: whatever an account does, at most l0 cells of at most linf each stay, and which ones does not depend on the order. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { boundWindow } from './bounding.ts';
import { type KeptCell, type Reservoir, mergeReservoirs, offer } from './reservoir.ts';

/** A priority is a function of the cell, as the keyed hash makes it; equal ones must not matter either. */
const priorityOf = (cell: string): string => String((cell.charCodeAt(0) * 7) % 5);
const contributions: fc.Arbitrary<KeptCell[]> = fc.array(
  fc
    .record({ cell: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), amount: fc.integer({ min: 0, max: 6 }) })
    .map(({ cell, amount }) => ({ cell, amount, priority: priorityOf(cell) })),
  { maxLength: 30 },
);
const bounds = fc.record({ cells: fc.integer({ min: 0, max: 4 }), linf: fc.integer({ min: 1, max: 9 }) });

type Bounds = Parameters<typeof offer>[2];
const fill = (all: readonly KeptCell[], limits: Bounds): Reservoir =>
  all.reduce<Reservoir>((reservoir, one) => offer(reservoir, one, limits), []);

describe('reservoir', () => {
  test('does not depend on the order of arrival', () => {
    const shuffled = contributions.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, bounds, ([all, otherOrder], limits) => {
        expect(fill(otherOrder, limits)).toEqual(fill(all, limits));
      }),
    );
  });

  test('keeps the lowest priorities whole, each cut off at linf, and no more than it may', () => {
    fc.assert(
      fc.property(contributions, bounds, (all, limits) => {
        const kept = fill(all, limits);
        const sums = Map.groupBy(all, ({ cell }) => cell);
        const expected = [...sums]
          .map(([cell, own]) => ({
            cell,
            priority: priorityOf(cell),
            amount: Math.min(
              limits.linf,
              own.reduce((sum, { amount }) => sum + amount, 0),
            ),
          }))
          .sort((a, b) => (a.priority + a.cell < b.priority + b.cell ? -1 : 1))
          .slice(0, limits.cells);
        expect(kept).toEqual(expected);
      }),
    );
  });

  test('parts can be filled apart and merged in any grouping', () => {
    fc.assert(
      fc.property(contributions, contributions, contributions, bounds, (a, b, c, limits) => {
        const [x, y, z] = [fill(a, limits), fill(b, limits), fill(c, limits)];
        const whole = fill([...a, ...b, ...c], limits);
        expect(mergeReservoirs(mergeReservoirs(x, y, limits), z, limits)).toEqual(whole);
        expect(mergeReservoirs(x, mergeReservoirs(z, y, limits), limits)).toEqual(whole);
      }),
    );
  });

  test('refuses amounts that are no counts', () => {
    for (const amount of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => offer([], { cell: 'a', priority: '0', amount }, { cells: 1, linf: 1 })).toThrow(RangeError);
    }
  });

  test('agrees with bounding a whole window at once', () => {
    fc.assert(
      fc.property(contributions, bounds, (all, limits) => {
        const positive = all.filter(({ amount }) => amount > 0);
        const cells = [...Map.groupBy(positive, ({ cell }) => cell)].map(([key, own]) => ({
          account: 'one',
          key,
          value: own.reduce((sum, { amount }) => sum + amount, 0),
        }));
        const { sums } = boundWindow(cells, {
          bounds: { l0: limits.cells, linf: limits.linf },
          usedBefore: () => 0,
          rank: (_, key) => priorityOf(key) + key,
        });
        const kept = fill(positive, limits);
        expect(Object.fromEntries(sums)).toEqual(Object.fromEntries(kept.map(({ cell, amount }) => [cell, amount])));
      }),
    );
  });
});

test('leaving an account out moves a window by at most l0 cells of linf each: the sensitivity that the noise is made for', () => {
  const accounts = fc.array(contributions, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(accounts, bounds, (all, limits) => {
      const totals = (some: readonly KeptCell[][]): Map<string, number> => {
        const sums = new Map<string, number>();
        for (const kept of some.flatMap((own) => [...fill(own, limits)])) {
          sums.set(kept.cell, (sums.get(kept.cell) ?? 0) + kept.amount);
        }
        return sums;
      };
      const [whole, without] = [totals(all), totals(all.slice(1))];
      const moves = [...whole].map(([cell, sum]) => sum - (without.get(cell) ?? 0));
      const squared = moves.reduce((sum, move) => sum + move ** 2, 0);
      expect(squared).toBeLessThanOrEqual(limits.cells * limits.linf ** 2);
      expect(moves.reduce((sum, move) => sum + Math.abs(move), 0)).toBeLessThanOrEqual(limits.cells * limits.linf);
    }),
  );
});
