import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type EntityState, compareStates, evolve } from './entity-state.ts';

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
