import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseRational } from '../../../schema/metrics/rational.ts';
import { keyedBits } from '../keyed-bits.ts';
import { uniformBelow } from './bit-source.ts';
import { noiseHalfWidth } from './interval.ts';
import { bernoulliExp, discreteGaussian, discreteLaplace, floorSqrt } from './samplers.ts';

const key = Buffer.alloc(32, 7);
const bits = (name: string) => keyedBits(key, name, 'test');
const draws = 40_000;

/** Pearson's statistic of draws against a mass function over [-reach, reach], tails pooled; and its degrees of freedom. */
function chiSquare(
  sample: () => bigint,
  mass: (x: number) => number,
  reach: number,
): { statistic: number; freedom: number } {
  const counts = new Map<number, number>();
  for (let n = 0; n < draws; n += 1) {
    const x = Math.max(-reach, Math.min(reach, Number(sample())));
    counts.set(x, (counts.get(x) ?? 0) + 1);
  }
  let statistic = 0;
  for (let x = -reach; x <= reach; x += 1) {
    const tail = Math.abs(x) === reach;
    let expected = mass(x);
    for (let beyond = reach + 1; tail && beyond < reach * 20; beyond += 1) expected += mass(beyond);
    statistic += ((counts.get(x) ?? 0) - expected * draws) ** 2 / (expected * draws);
  }
  return { statistic, freedom: 2 * reach };
}

/** More than six standard deviations above its mean: p below 1e-6. */
const limit = (freedom: number): number => freedom + 6 * Math.sqrt(2 * freedom);

describe('exact samplers', () => {
  test('discrete Gaussian draws have their mass function', () => {
    const variance = 9;
    let total = 0;
    for (let x = -200; x <= 200; x += 1) total += Math.exp(-(x * x) / (2 * variance));
    const source = bits('gauss');
    const { statistic, freedom } = chiSquare(
      () => discreteGaussian(source, parseRational('9')),
      (x) => Math.exp(-(x * x) / (2 * variance)) / total,
      9,
    );
    expect(statistic).toBeLessThan(limit(freedom));
  });

  test('discrete Laplace draws have their mass function', () => {
    const decay = Math.exp(-1 / 3);
    const source = bits('laplace');
    const { statistic, freedom } = chiSquare(
      () => discreteLaplace(source, 3n),
      (x) => ((1 - decay) / (1 + decay)) * decay ** Math.abs(x),
      12,
    );
    expect(statistic).toBeLessThan(limit(freedom));
  });

  test('a fractional variance is taken exactly: sigma² = 1/2', () => {
    const source = bits('fraction');
    let squares = 0;
    for (let n = 0; n < draws; n += 1) squares += Number(discreteGaussian(source, parseRational('1/2'))) ** 2;
    const weights = [0, 1, 2, 3, 4, 5, 6].map((x) => (x === 0 ? 1 : 2) * Math.exp(-x * x));
    const variance =
      weights.reduce((sum, weight, x) => sum + weight * x * x, 0) / weights.reduce((sum, weight) => sum + weight, 0);
    expect(Math.abs(squares / draws - variance)).toBeLessThan(0.02);
  });

  test('exp(-gamma) comes up as often as it should, also for gamma above 1', () => {
    for (const gamma of ['0', '1/3', '1', '5/2']) {
      const source = bits(`exp ${gamma}`);
      let hits = 0;
      for (let n = 0; n < draws; n += 1) if (bernoulliExp(source, parseRational(gamma))) hits += 1;
      const [num = '0', den = '1'] = gamma.split('/');
      expect(Math.abs(hits / draws - Math.exp(-Number(num) / Number(den)))).toBeLessThan(0.015);
    }
  });

  test('the same release of the same input has the same noise, any other has its own', () => {
    const draw = (release: string, commitment: string): string => {
      const source = keyedBits(key, release, commitment);
      return Array.from({ length: 8 }, () => discreteGaussian(source, parseRational('200'))).join();
    };
    expect(draw('a', '1')).toBe(draw('a', '1'));
    expect(new Set([draw('a', '1'), draw('a', '2'), draw('b', '1')]).size).toBe(3);
  });

  test('uniform integers reach every value of a bound that is no power of two', () => {
    const source = bits('uniform');
    const seen = new Set(Array.from({ length: 2_000 }, () => uniformBelow(source, 37n)));
    expect(seen.size).toBe(37);
    expect(uniformBelow(source, 1n)).toBe(0n);
  });

  test('integer square roots are floors', () => {
    for (const n of [0n, 1n, 2n, 3n, 4n, 15n, 16n, 17n, 10n ** 40n, 10n ** 40n - 1n]) {
      const root = floorSqrt(n);
      expect(root * root <= n && (root + 1n) * (root + 1n) > n).toBe(true);
    }
  });

  test('there is no floating point between the bits and the sample', () => {
    for (const file of ['samplers.ts', 'bit-source.ts']) {
      const text = readFileSync(join(import.meta.dirname, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      expect(text).not.toMatch(/Math\.(random|exp|log|sqrt|pow)|\d\.\d/);
    }
  });
});

test('the error bar holds the noise with its probability, and is the narrowest that does', () => {
  expect(noiseHalfWidth(parseRational('200'), 0.95)).toBe(28n);
  expect(noiseHalfWidth(parseRational('1'), 0.68)).toBe(1n);
  const source = bits('bar');
  const inside = Array.from({ length: 5_000 }, () => discreteGaussian(source, parseRational('200'))).filter(
    (x) => x >= -28n && x <= 28n,
  ).length;
  expect(Math.abs(inside / 5_000 - 0.9561)).toBeLessThan(0.02);
  expect(() => noiseHalfWidth(parseRational('1'), 1)).toThrow(RangeError);
});
