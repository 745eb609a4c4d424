/**
 * The constants of the reputation formula. All of them are judgement, checked against real rating networks by `npm run bench -- reputation`; a
 * change of any, or of a rule's weight, is a new {@link formulaVersion} and never rewrites scores that stand.
 */
export const formulaVersion = '2.3.1';

const dayMs = 86_400_000;

export const formula = {
  /**
   * Evidence loses half of its points in each. What is positive starts at 1 in all. What is negative starts at 1.5 and keeps a third of it for years: with equal
   * decay a bad history would be gone by waiting.
   */
  halfLives: {
    positive: [
      { ms: 20 * dayMs, share: 0.7 },
      { ms: 365 * dayMs, share: 0.3 },
    ],
    negative: [
      { ms: 20 * dayMs, share: 0.7 },
      { ms: 365 * dayMs, share: 0.3 },
      { ms: 1_095 * dayMs, share: 0.5 },
    ],
  },
  /** What a creator starts from, and how much heavier negative evidence weighs: F = (r + 2) / (r + 2 s + 2.5). */
  prior: { positive: 2, negative: 0.5 },
  negativeFactor: 2,
  /** Probability that the interval of a score covers. */
  intervalLevel: 0.8,
  /**
   * Scores are made anew while nothing happens to their creators: when they have moved by about so many points, no sooner and no later than this after they were made, and so many
   * at most with each piece of evidence that comes, those that have waited longest first. What came last on a clock tells its time, to the hour.
   */
  aging: { points: 1, soonestMs: dayMs, latestMs: 60 * dayMs, perPiece: 8, hourMs: dayMs / 24 },
  /** What one source can give to one target in one dimension. */
  pairCap: { units: 1, windowMs: 30 * dayMs },
  /** What one creator can give on one day (UTC), to everybody. */
  dayCap: { units: 20, dayMs },
  /** Evidence about whoever has just given negative evidence about its source. */
  retaliation: { windowMs: 30 * dayMs, factor: 0.2 },
  /** What a creator gives so long after its own time counts nothing; the rules of the day before yesterday cannot be met any more. */
  latenessMs: 7 * dayMs,
  /** Newest pieces of evidence about or by somebody who has not registered that wait for it. */
  earlyMax: 50,
  /** How far ahead of the log's own time evidence may be. */
  aheadMs: dayMs,
  /** The most that one piece may weigh, for or against. */
  weightMax: 1,
  /** Trust in what another platform attests for members that it does not name. */
  platformTrust: 0.5,
  trust: {
    /** Groups of seeds. What the median group says counts. */
    groups: 5,
    /** Walks of one seed, and of a platform in each group. */
    walksPerSeed: 2_000,
    /** Chance that a walk ends at a step, and steps at most. */
    restart: 0.15,
    stepsMax: 24,
    /** Edges of one creator outweigh each other by age: an edge loses half of its weight, beside new ones, in this time. */
    edgeHalfLifeMs: 365 * dayMs,
    /** Full trust is at the hits below which this share of all hits lies. By mass, not by heads: a crowd with crumbs cannot lower it. */
    referenceMass: 0.05,
    /** Walks that are looked at to see on whom somebody's support rests. */
    relianceWalks: 256,
    /** It is looked at anew when the hits have changed by this share. */
    relianceChange: 0.125,
    /** Evidence that waits for trust is counted anew when its source's trust has grown by a step. */
    steps: 4,
    /** Newest pieces of evidence per source that wait. */
    waitingMax: 200,
  },
} as const;

/** What is left, after `ageMs` milliseconds, of a unit of evidence with this sign. Negative ages count as 0. */
export function decay(ageMs: number, sign: number): number {
  const halfLives = sign < 0 ? formula.halfLives.negative : formula.halfLives.positive;
  return halfLives.reduce((sum, { ms, share }) => sum + share * 2 ** (-Math.max(0, ageMs) / ms), 0);
}

/** The chance that the next piece of evidence is positive, expected from these decayed sums: F = (r + 2) / (r + 2 s + 2.5), 0 to 1. */
export function expectation({ positive, negative }: { positive: number; negative: number }): number {
  const good = positive + formula.prior.positive;
  return good / (good + formula.negativeFactor * negative + formula.prior.negative);
}
