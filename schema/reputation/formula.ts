/**
 * The constants of the reputation formula. All of them are judgement, checked against real rating networks by `npm run bench -- reputation`; a
 * change of any, or of a rule's weight, is a new {@link formulaVersion} and never rewrites scores that stand.
 */
export const formulaVersion = '1.0.0';

const dayMs = 86_400_000;

export const formula = {
  /** Evidence loses half of its points in each; the shares add up to 1. */
  halfLives: [
    { ms: 20 * dayMs, share: 0.7 },
    { ms: 365 * dayMs, share: 0.3 },
  ],
  /** What a creator starts from, and how much heavier negative evidence weighs: F = (r + 2) / (r + 2 s + 2.5). */
  prior: { positive: 2, negative: 0.5 },
  negativeFactor: 2,
  /** Probability that the interval of a score covers. */
  intervalLevel: 0.8,
  /** What one source can give to one target in one dimension. */
  pairCap: { units: 1, windowMs: 30 * dayMs },
  /** What one creator can give on one day (UTC), to everybody. */
  dayCap: { units: 20, dayMs },
  /** Evidence about whoever has just given negative evidence about its source. */
  retaliation: { windowMs: 30 * dayMs, factor: 0.2 },
  /** Trust in what another platform attests for members that it does not name. */
  platformTrust: 0.5,
  trust: {
    /** Share of its hits that a creator can pass on, ever: a ring never holds more than 1 / (1 - 0.8) times what enters it. */
    passOn: 0.8,
    /** Share of what is left that one piece of evidence passes on, so that the first does not take all. */
    passOnAtOnce: 0.2,
    /** Full trust is at the hits below which this share of all hits lies. By mass, not by heads: a crowd with crumbs cannot lower it. */
    referenceMass: 0.05,
    /** Full trust takes at least this many hits, also where there are few members. */
    referenceMin: 0.05,
    /** Evidence that waits for trust is counted anew when its source's trust has grown by a step. */
    steps: 4,
    /** Newest pieces of evidence per source that wait. */
    waitingMax: 200,
  },
} as const;

/** The part of a piece of evidence's points that is left after `ageMs` milliseconds: 1 at age 0, negative ages too. */
export function decay(ageMs: number): number {
  if (ageMs <= 0) return 1;
  return formula.halfLives.reduce((sum, { ms, share }) => sum + share * 2 ** (-ageMs / ms), 0);
}

/** The chance that the next piece of evidence is positive, expected from these decayed sums: F = (r + 2) / (r + 2 s + 2.5), 0 to 1. */
export function expectation({ positive, negative }: { positive: number; negative: number }): number {
  const good = positive + formula.prior.positive;
  return good / (good + formula.negativeFactor * negative + formula.prior.negative);
}
