/** What is known of the released windows of one period and key. */
export interface ReleasedSum {
  readonly value: bigint;
  /** Sum over the windows of {@link spread}. */
  readonly spreads: number;
}

export interface Interval {
  readonly low: bigint;
  readonly high: bigint;
}

/**
 * What a window adds to the uncertainty of a sum: the square of its interval's half-width, up to where the next whole number's share of the noise begins. Without that half
 * a rounded-down half-width would be multiplied with the root of the windows, and sums would be held less often than one window is.
 */
export const spread = (halfWidth: number): number => (halfWidth + 0.5) ** 2;

/**
 * The interval of a sum of releases. Noises are independent, so variances add, and at one level half-widths grow as standard deviations
 * do: the root of the sum of their squares, rounded outwards. One window keeps its exact interval.
 */
export function combinedInterval({ value, spreads }: ReleasedSum): Interval {
  const halfWidth = BigInt(Math.max(0, Math.ceil(Math.sqrt(spreads) - 0.5)));
  return { low: value - halfWidth, high: value + halfWidth };
}
