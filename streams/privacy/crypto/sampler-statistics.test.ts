/** Goal: draws from the keyed stream fit the exact mass functions, and the samplers are built of integers alone. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseRational, toNumber } from '../../../schema/metrics/rational.ts';
import { goodnessOfFit } from '../domain/goodness-of-fit.ts';
import { gaussianDistribution, laplaceDistribution } from '../domain/mass.ts';
import type { BitSource } from '../domain/samplers/bit-source.ts';
import { discreteGaussian } from '../domain/samplers/discrete-gaussian.ts';
import { type Sampler, discreteLaplace } from '../domain/samplers/discrete-laplace.ts';
import { keyedBits } from './bit-sources.ts';
import { secretKey } from './keyed-hash.ts';

const key = secretKey(new Uint8Array(32).fill(1));
const bitsOf = (releaseId: string): BitSource => keyedBits(key, { releaseId, commitment: 'c'.repeat(64) });

function draws(sampler: Sampler, count: number, name: string): number[] {
  const source = bitsOf(name);
  return Array.from({ length: count }, () => Number(sampler(source)));
}

describe('draws fit the mass function', () => {
  test.each(['1', '1/3', '200', '12345/67'])('Gaussian of sigma² %s', (text) => {
    const sigma2 = parseRational(text);
    const sample = draws(discreteGaussian(sigma2), 100_000, `gaussian ${text}`);
    expect(goodnessOfFit(sample, gaussianDistribution(toNumber(sigma2)).mass).p).toBeGreaterThan(1e-6);
  });

  test.each(['1', '1/2', '10', '22/7'])('Laplace of scale %s', (text) => {
    const scale = parseRational(text);
    const sample = draws(discreteLaplace(scale), 100_000, `laplace ${text}`);
    expect(goodnessOfFit(sample, laplaceDistribution(toNumber(scale)).mass).p).toBeGreaterThan(1e-6);
  });

  test('one draw from each of many streams fits too', () => {
    const sampler = discreteGaussian(parseRational('200'));
    const sample = Array.from({ length: 5_000 }, (_, n) => Number(sampler(bitsOf(`release ${n}`))));
    expect(goodnessOfFit(sample, gaussianDistribution(200).mass).p).toBeGreaterThan(1e-6);
  });

  test('a sigma that is a tenth too small is found out', () => {
    const sample = draws(discreteGaussian(parseRational('162')), 100_000, 'gaussian 162');
    expect(goodnessOfFit(sample, gaussianDistribution(200).mass).p).toBeLessThan(1e-6);
  });
});

test('no sampler file rounds, guesses or takes a transcendental function', () => {
  const folder = join(import.meta.dirname, '..', 'domain', 'samplers');
  const files = readdirSync(folder).filter((file) => !file.endsWith('.test.ts'));
  expect(files.length).toBeGreaterThanOrEqual(4);
  for (const file of files) {
    const source = readFileSync(join(folder, file), 'utf8');
    const direct = [...source.matchAll(/\bMath\.(\w+)/g)].map(([, name]) => name);
    const taken = [...source.matchAll(/\{([\w\s,]+)\} = Math;/g)].flatMap(([, names]) => names?.match(/\w+/g) ?? []);
    expect(['floor', 'clz32', 'ceil']).toEqual(expect.arrayContaining([...direct, ...taken]));
    expect(source.replace(/\{[\w\s,]+\} = Math;/g, '')).not.toMatch(/\bMath\b(?!\.)|globalThis|\d\.\d|parseFloat/);
  }
});
