import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Capability, capabilities, capabilityOfPolicy, capabilityPolicy, levels } from './levels.ts';

// Goal: the table of levels is whole, and every policy of the schema names something in it.
describe('access levels', () => {
  const names = Object.keys(capabilities) as Capability[];

  test('each capability comes with one level', () => {
    expect(levels.flatMap((level) => level.capabilities).sort()).toEqual([...names].sort());
  });

  test.each(names)('the policy of %s leads back to it', (name) => {
    expect(capabilityOfPolicy(capabilityPolicy(name))).toBe(name);
  });

  test.each(['', 'capability:', 'capability:toString', 'work.judge', 'capability:work.judge '])(
    'the policy "%s" is about no capability',
    (policy) => expect(capabilityOfPolicy(policy)).toBeNull(),
  );

  test('every policy about a capability in the supergraph is in the table', () => {
    const supergraph = readFileSync(join(import.meta.dirname, '..', 'supergraph.graphql'), 'utf8');
    const asked = [...supergraph.matchAll(/@policy\(policies: (\[\[".*?\]\])\)/g)].flatMap(([, lists]) =>
      (JSON.parse(lists ?? '') as string[][]).flat(),
    );
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.map(capabilityOfPolicy)).not.toContain(null);
  });
});
