const dayMs = 86_400_000;

/** How long a creator's evidence may stand still: once, and in all of any three years. For illness and parental leave, not for good. */
export const freezeLimits = { daysMin: 7, daysMax: 365, periodMs: 3 * 365 * dayMs, daysInPeriod: 540 } as const;

/** A time in which nothing decays: from, until; milliseconds since the Unix epoch. */
export type Freeze = readonly [fromMs: number, untilMs: number];

/**
 * Where a creator's own clock of decay stands at an instant: it stops while they have it stopped, and lags behind by that for ever. Decay is a function of
 * differences of this clock. Freezes begin one after the other and do not overlap.
 */
export function decayClock(freezes: readonly Freeze[], atMs: number): number {
  return freezes.reduce((clockMs, [fromMs, untilMs]) => clockMs - Math.max(0, Math.min(untilMs, atMs) - fromMs), atMs);
}
