/** What is known of the released windows of one period and key. */
export interface ReleasedSum {
  readonly value: bigint;
  /** Sum over the windows of the squared half-width of their exact intervals. */
  readonly halfWidthSquares: number;
}

export interface Interval {
  readonly low: bigint;
  readonly high: bigint;
}

/**
 * The interval of a sum of releases. Noises are independent, so variances add, and at one level half-widths grow as standard deviations
 * do: the root of the sum of their squares, rounded outwards. One window keeps its exact interval.
 */
export function combinedInterval({ value, halfWidthSquares }: ReleasedSum): Interval {
  const halfWidth = BigInt(Math.ceil(Math.sqrt(halfWidthSquares)));
  return { low: value - halfWidth, high: value + halfWidth };
}
