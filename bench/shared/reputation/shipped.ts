import type { GivenEvidence } from '../../../schema/reputation/evidence.ts';
import { expectation } from '../../../schema/reputation/formula.ts';
import { takeEvidence } from '../../../streams/reputation/domain/fast-channel.ts';
import { createMapMemory } from '../../../streams/reputation/domain/map-memory.ts';
import { sumsAt } from '../../../streams/reputation/domain/score.ts';
import type { Predictor } from './predictor.ts';
import type { Rating } from './ratings.ts';

const dimension = 'COLLABORATION';

/** Names of a network that mean something to the formula: those of platforms, which are trusted, and what divides keys. */
const reserved = /^platform:|[%|]/;

/** A name as one of a creator that is just that: two of them never become one. */
const personOf = (name: string): string =>
  reserved.test(name) ? name.replace(/[%:|]/g, (mark) => encodeURIComponent(mark)) : name;

/** The shipped formula on a rating network, through the function that the stream processor runs. */
export function shippedFormula(seeds: readonly string[], options: { readonly walksPerSeed: number }): Predictor {
  const memory = createMapMemory({
    seeds: new Set(seeds.map(personOf)),
    platformTrust: {},
    anybodyIsKnown: true,
    ...options,
  });
  let sequence = 0;
  return {
    name: 'as shipped',
    learn: (rating) => void takeEvidence(memory, evidenceOf(rating, sequence++)),
    shown(rated) {
      const state = memory.sums(personOf(rated), dimension);
      return expectation(state ? sumsAt(state, state.atMs) : { positive: 0, negative: 0 });
    },
    expect(rated, atMs) {
      const state = memory.sums(personOf(rated), dimension);
      return expectation(state ? sumsAt(state, Math.max(atMs, state.atMs)) : { positive: 0, negative: 0 });
    },
  };
}

/**
 * A rating is one unit, for or against: how hard somebody presses is not comparable between people, and the platform's own events
 * have fixed weights.
 */
export function evidenceOf({ rater, rated, value, atMs }: Rating, sequence: number): GivenEvidence {
  return {
    kind: 'GIVEN',
    eventId: `rating-${sequence}`,
    rule: 'WORKED_TOGETHER',
    target: personOf(rated),
    dimension,
    source: personOf(rater),
    sourceKind: 'CREATOR',
    weight: Math.sign(value),
    statement: null,
    isAnonymous: false,
    refusal: null,
    clock: 'live',
    atMs,
  };
}
