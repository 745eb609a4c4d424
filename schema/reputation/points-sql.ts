import { formula } from './formula.ts';

const decaySql = (halfLives: readonly { readonly ms: number; readonly share: number }[]): string =>
  halfLives
    .map(({ ms, share }) => `${share} * exp2(-greatest(0, dateDiff('millisecond', decay_at, decay_until)) / ${ms})`)
    .join(' + ');

/** What is left at `decay_until` of a piece that counted `counted` and decays from `decay_at`, as `formula.ts` says: for both dialects of the warehouse. */
export const pointsSql = `counted * if(counted < 0, ${decaySql(formula.halfLives.negative)}, ${decaySql(formula.halfLives.positive)})`;
