/** Real vectors as whole numbers, so that they can be masked exactly, and so that their norm is bounded exactly. */

export interface FixedPoint {
  /** Largest Euclidean norm of a vector; longer ones are shortened to it. */
  readonly clip: number;
  /** Units in 1. */
  readonly scale: number;
}

/** Largest squared norm that is still exact in a double. */
const squareMax = 2 ** 53;

/** Squared norm in units that no vector of {@link toFixedPoint} exceeds: the squared sensitivity of a sum to one client. */
export function sensitivity2({ clip, scale }: FixedPoint): number {
  const bound = Math.floor(clip * scale);
  if (!(clip > 0 && scale >= 1) || bound ** 2 >= squareMax)
    throw new RangeError('clip and scale must be positive, and clip · scale below 2^26');
  return bound ** 2;
}

/**
 * A vector in units, shortened to the bound. Rounding goes towards zero, so no coordinate grows and the squared norm is at most {@link sensitivity2} exactly, whatever the floating-point errors before.
 * RangeError for a coordinate that is not finite.
 */
export function toFixedPoint(vector: readonly number[], fixedPoint: FixedPoint): readonly number[] {
  if (vector.some((value) => !Number.isFinite(value))) throw new RangeError('a vector must be finite');
  const most = sensitivity2(fixedPoint);
  const largest = Math.max(...vector.map(Math.abs));
  if (largest === 0) return vector.map(() => 0);
  // By its largest coordinate first: the norm of a vector near the largest double would overflow.
  const shape = vector.map((value) => value / largest);
  const norm = Math.hypot(...shape);
  let factor = fixedPoint.scale * Math.min(largest, fixedPoint.clip / norm);
  for (;;) {
    const units = shape.map((value) => Math.trunc(value * factor) + 0);
    if (units.reduce((sum, value) => sum + value * value, 0) <= most) return units;
    factor *= 1 - 1e-9;
  }
}

/** Units as real numbers again. */
export const fromFixedPoint = (units: readonly number[], { scale }: FixedPoint): readonly number[] =>
  units.map((value) => value / scale);
