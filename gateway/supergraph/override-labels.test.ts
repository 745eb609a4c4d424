import { describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { createOverridePicker, readOverrideLabels } from './override-labels.ts';

describe('progressive overrides', () => {
  test('labels are read off the supergraph, once each', () => {
    const supergraph = parse(`type Query {
      a: Int @join__field(graph: A, override: "b", overrideLabel: "percent(30)")
      b: Int @join__field(graph: B, overrideLabel: "percent(30)") @join__field(graph: A, override: "b", overrideLabel: "beta")
    }`);
    expect(readOverrideLabels(supergraph)).toEqual(['beta', 'percent(30)']);
  });

  test.each([
    [0, ['beta', 'percent(30)', 'percent(30.5)']],
    [0.3, ['beta', 'percent(30.5)']],
    [0.99, ['beta']],
  ])('a throw of %d', (thrown, on) => {
    const labels = ['beta', 'gamma', 'percent(30)', 'percent(30.5)'];
    const { name, overrides } = createOverridePicker(labels, new Set(['beta', 'unknown']), () => thrown)();
    expect([...overrides.labels]).toEqual(on);
    expect(name).toBe(on.join(' '));
    expect(overrides.roll).toBe(thrown * 100);
  });

  test('a supergraph without labels throws no dice', () => {
    const pick = createOverridePicker([], new Set(['beta']), () => {
      throw new Error('thrown');
    });
    expect(pick().name).toBe('');
  });
});
