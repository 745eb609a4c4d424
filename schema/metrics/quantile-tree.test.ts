/** Goal: without noise quantiles are exact at the edges; with noise the interval holds the truth. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type QuantileShape, bucketOf, depthOf, estimateQuantiles, nodesOf, pathOf } from './quantile-tree.ts';
import { rational } from './rational.ts';

const tree: QuantileShape = { edges: [0, 5, 15, 30, 60, 120, 240, 480, 1440], unit: 'minutes', layout: 'TREE' };
const flat: QuantileShape = { edges: [0, 1, 24, 72, 168, 720], unit: 'hours', layout: 'FLAT' };
const tiny = [rational(1n, 1_000_000n)];

function count(shape: QuantileShape, values: readonly number[]): ReadonlyMap<string, number> {
  const counts = new Map(nodesOf(shape).map((node) => [node, 0]));
  for (const value of values)
    for (const node of pathOf(shape, bucketOf(shape, value))) counts.set(node, (counts.get(node) ?? 0) + 1);
  return counts;
}

describe.each([
  ['tree', tree],
  ['flat', flat],
])('quantiles of a %s', (_name, shape) => {
  test('are exact where they fall on an edge', () => {
    const buckets = shape.edges.length - 1;
    const values = shape.edges.slice(0, -1);
    for (let edge = 1; edge <= buckets; edge += 1) {
      const [found] = estimateQuantiles(
        shape,
        { counts: count(shape, values), sigma2s: tiny },
        { at: [edge / buckets], level: 0.95 },
      );
      expect(found?.value).toBeCloseTo(shape.edges[edge] ?? 0, 9);
    }
  });

  test('lie in the bucket of the true quantile without noise, and inside their interval always', () => {
    const [least, most] = [shape.edges[0] ?? 0, shape.edges.at(-1) ?? 0];
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: least, max: most - 1 }), { minLength: 1, maxLength: 50 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.integer({ min: 1, max: 100 }),
        (values, q, noise) => {
          const sorted = [...values].sort((a, b) => a - b);
          const truth = sorted[Math.ceil(q * sorted.length) - 1] ?? 0;
          const counts = count(shape, values);
          const [exact] = estimateQuantiles(shape, { counts, sigma2s: tiny }, { at: [q], level: 0.95 });
          const bucket = bucketOf(shape, truth);
          expect(exact?.value).toBeGreaterThanOrEqual(shape.edges[bucket] ?? 0);
          expect(exact?.value).toBeLessThanOrEqual(shape.edges[bucket + 1] ?? 0);
          const sigma2s = [rational(BigInt(noise))];
          const [noisy] = estimateQuantiles(shape, { counts, sigma2s }, { at: [q], level: 0.95 });
          expect(noisy && noisy.low <= noisy.value && noisy.value <= noisy.high).toBe(true);
        },
      ),
    );
  });

  test('nodes, paths and depth fit together', () => {
    const nodes = new Set(nodesOf(shape));
    for (let bucket = 0; bucket < shape.edges.length - 1; bucket += 1) {
      expect(pathOf(shape, bucket)).toHaveLength(depthOf(shape));
      expect(pathOf(shape, bucket).every((node) => nodes.has(node))).toBe(true);
    }
  });
});

test('nothing is told of nobody, and an impossible quantile is refused', () => {
  expect(estimateQuantiles(flat, { counts: count(flat, []), sigma2s: tiny }, { at: [0.5], level: 0.95 })).toEqual([]);
  expect(() => estimateQuantiles(flat, { counts: count(flat, [1]), sigma2s: tiny }, { at: [2], level: 0.95 })).toThrow(
    RangeError,
  );
});

test('values outside the edges count in the outermost buckets', () => {
  expect([-5, 0, 719, 10_000].map((value) => bucketOf(flat, value))).toEqual([0, 0, 4, 4]);
});

test('many quantiles of many windows look at the noise as often as one does', () => {
  let looks = 0;
  const watched = {
    den: 1n,
    get num() {
      looks += 1;
      return 10n;
    },
  };
  const sigma2s = Array.from({ length: 30 }, () => watched);
  const counts = count(
    tree,
    Array.from({ length: 1_000 }, (_, n) => n),
  );
  const looksAt = (at: readonly number[]): number => {
    looks = 0;
    expect(estimateQuantiles(tree, { counts, sigma2s }, { at, level: 0.95 }).map(({ q }) => q)).toEqual(at);
    return looks;
  };
  expect(looksAt(Array.from({ length: 20 }, (_, n) => n / 20))).toBe(looksAt([0.5]));
});
