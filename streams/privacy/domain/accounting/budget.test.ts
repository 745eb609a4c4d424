/** Goal: nothing that passes the limit is ever spent, to the last digit, and what is refused leaves nothing behind. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { add, compare, parseRational, rational, zero } from '../../../../schema/metrics/rational.ts';
import { type Cost, dailyBudget, noCost, spend } from './budget.ts';

const cost = (rho: string, delta = '0'): Cost => ({ rho: parseRational(rho), delta: parseRational(delta) });
const costs: fc.Arbitrary<Cost> = fc
  .tuple(fc.bigInt({ min: 0n, max: 40n }), fc.bigInt({ min: 0n, max: 40n }))
  .map(([rho, delta]) => ({ rho: rational(rho, 7n), delta: rational(delta, 3n) }));

describe('budget filter', () => {
  test('the last drop fits and the next one does not', () => {
    const charge = cost('1/600');
    let spent = noCost;
    for (let n = 0; n < 3; n += 1) {
      const result = spend(charge, { limit: dailyBudget, spent });
      if (result.kind !== 'within') throw new Error(result.reason);
      spent = result.spent;
    }
    expect(spent.rho).toEqual(dailyBudget.rho);
    const refused = spend(cost('1/1000000000000000000000'), { limit: dailyBudget, spent });
    expect(refused).toEqual({
      kind: 'refused',
      reason: 'rho: 1/1000000000000000000000 does not fit into a budget of 1/200 of which 1/200 is spent',
    });
  });

  test('delta is charged apart, and a negative charge is no refund', () => {
    expect(spend(cost('0', '1/10000000000'), { limit: dailyBudget, spent: noCost }).kind).toBe('within');
    expect(spend(cost('0', '1/1000000000'), { limit: dailyBudget, spent: noCost })).toMatchObject({ kind: 'refused' });
    expect(spend(cost('-1/200'), { limit: dailyBudget, spent: noCost })).toMatchObject({
      reason: 'rho: a charge cannot be negative',
    });
  });

  test('whatever is tried, what is spent is the sum of what was allowed and within the limit', () => {
    fc.assert(
      fc.property(costs, fc.array(costs, { maxLength: 12 }), (limit, charges) => {
        let [spent, sum] = [noCost, zero];
        for (const charge of charges) {
          const result = spend(charge, { limit, spent });
          if (result.kind === 'refused') continue;
          [spent, sum] = [result.spent, add(sum, charge.rho)];
        }
        expect(spent.rho).toEqual(sum);
        expect(compare(spent.rho, limit.rho)).toBeLessThanOrEqual(0);
        expect(compare(spent.delta, limit.delta)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
