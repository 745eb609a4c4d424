/** Goal: what privacy promises holds of every run, and mistakes made on purpose are found. The whole is `npm run audit:privacy`; here is the share that fits into the tests. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { declarationFaults } from './claims.ts';
import { judgeMutants } from './mutation-suite.ts';
import { mutants } from './mutants.ts';
import { rules } from './rules.ts';
import { samplerFaults, totalFaults } from './samplers.ts';
import { singletonFaults } from './singletons.ts';

describe('of every run it holds that', () => {
  test.each(Object.keys(rules))('%s', (name) => {
    expect(rules[name]?.()).toBe(true);
  });
});

test('declarations, samplers and running totals are what they claim', () => {
  expect([...declarationFaults(), ...samplerFaults(10_000), ...totalFaults(40)]).toEqual([]);
});

test('keys of one account do not show', () => {
  expect(singletonFaults(1_500, 'test')).toEqual([]);
});

test('each mutant can be made: its text stands in its file exactly once', () => {
  const root = resolve(import.meta.dirname, '..', '..');
  const stale = mutants.filter(({ file, find }) => readFileSync(resolve(root, file), 'utf8').split(find).length !== 2);
  expect(stale.map(({ name }) => name)).toEqual([]);
});

test('mistakes in noise, bounds and ledger are found', async () => {
  const names = ['noise by release alone', 'values not clamped', 'charge forgotten'];
  const verdicts = await judgeMutants(names, () => undefined);
  expect(
    verdicts
      .filter(({ right }) => right)
      .map(({ mutant }) => mutant)
      .sort(),
  ).toEqual([...names].sort());
}, 300_000);
