import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { Durations } from './durations.ts';

// Goal: /metrics shows what prom-client's own histogram would.
test('the same text as that of prom-client', async () => {
  const options = { name: 'x_seconds', help: 'durations' };
  const bucketsS = [0.001, 0.01, 0.5];
  const label = fc.constantFrom('query', 'mu"tation');
  const observations = fc.array(fc.tuple(label, label, fc.constantFrom(0, 1, 1.5, 10, 500, 499.75, 90_000)));
  await fc.assert(
    fc.asyncProperty(observations, async (observed) => {
      const [ours, theirs] = [new Registry(), new Registry()];
      const durations = new Durations({ ...options, labelNames: ['type', 'outcome'], bucketsS }, ours);
      const histogram = new Histogram({
        ...options,
        labelNames: ['type', 'outcome'],
        buckets: bucketsS,
        registers: [theirs],
      });
      for (const [type, outcome, ms] of observed) {
        durations.observe(type, outcome, ms);
        histogram.observe({ type, outcome }, ms / 1_000);
      }
      const sorted = async (registry: Registry): Promise<string[]> => (await registry.metrics()).split('\n').sort();
      expect(await sorted(ours)).toEqual(await sorted(theirs));
    }),
    { numRuns: 30 },
  );
});
