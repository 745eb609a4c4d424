import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type EntityState, compareBranches, compareStates, evolve } from './entity-state.ts';

// Goal: folding an entity's events gives its public fields at that time, and a diff of two states leads from one to the other.
const replay = (...events: readonly { type: string; payload: Record<string, unknown> }[]): EntityState =>
  events.reduce<EntityState>(evolve, {});

describe('the state of an entity', () => {
  test('is what its newest events say, skill by skill', () => {
    const state = replay(
      { type: 'creator.registered', payload: { creatorType: 'ARTIST', skills: ['poetry', 'song'] } },
      { type: 'creator.skills-changed', payload: { added: ['dance'], removed: ['song'] } },
      { type: 'creator.state-changed', payload: { from: 'INITIATE', to: 'ACTIVE' } },
    );
    expect(state).toEqual({ creatorType: 'ARTIST', skills: ['poetry', 'dance'], state: 'ACTIVE' });
  });

  test('ends and begins anew', () => {
    const pair = { fromId: 'a', toId: 'b' };
    const follow = { type: 'relationship.followed', payload: pair };
    const unfollow = { type: 'relationship.unfollowed', payload: pair };
    expect(replay(follow, unfollow)).toEqual({ ...pair, ended: true });
    expect(replay(follow, unfollow, follow)).toEqual(pair);
  });

  test('a diff names each field that differs, and no other', () => {
    const states = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.jsonValue());
    fc.assert(
      fc.property(states, states, (before, after) => {
        const changes = compareStates(before, after);
        const patched: Record<string, unknown> = { ...before };
        for (const { field, after: value } of changes) patched[field] = value;
        expect(JSON.stringify(compareStates(patched, after))).toBe('[]');
        expect(compareStates(after, after)).toEqual([]);
      }),
    );
  });
});

test('a claim counts as what it claims; nothing nests', () => {
  const claim = { type: 'creator.skills-changed', payload: { added: ['song'], removed: [] } };
  expect(evolve({}, { type: 'canon.claimed', payload: { claim } })).toEqual({ skills: ['song'] });
  const nested = { type: 'canon.claimed', payload: { claim } };
  expect(evolve({}, { type: 'canon.claimed', payload: { claim: nested } })).toEqual({ claim: nested });
});

test('two lines of history differ in what either changed, and conflict where both did', () => {
  const changes = compareBranches(
    { a: 1, b: 1, c: 1 },
    { other: { a: 2, b: 1, c: 1 }, branch: { a: 3, b: 2, c: 1, d: 4 } },
  );
  expect(changes).toEqual([
    { field: 'a', base: 1, other: 2, branch: 3, isConflict: true },
    { field: 'b', base: 1, other: 1, branch: 2, isConflict: false },
    { field: 'd', base: undefined, other: undefined, branch: 4, isConflict: false },
  ]);
});
