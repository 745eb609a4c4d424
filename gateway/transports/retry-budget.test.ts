import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RetryBudget } from './retry-budget.ts';

// Goal: however requests and failures come, repetitions stay within what was saved up and a tenth of the requests.
test('repetitions are bounded by requests', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 500 }), (steps) => {
      const budget = new RetryBudget();
      let [requests, repetitions] = [0, 0];
      for (const isRequest of steps) {
        if (isRequest) {
          requests += 1;
          budget.earn();
        } else if (budget.spend()) repetitions += 1;
      }
      expect(repetitions).toBeLessThanOrEqual(10 + requests / 10);
    }),
  );
});
