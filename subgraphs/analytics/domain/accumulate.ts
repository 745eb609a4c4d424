import type { TrendPointMapper } from '../mappers.ts';
import { combinedInterval } from './combine.ts';

/** Points added up from the first on: values and squared half-widths. Each point's end is that of its own period. */
export function accumulate(points: readonly TrendPointMapper[]): readonly TrendPointMapper[] {
  let [value, squares, windows] = [0n, 0, 0];
  return points.map((point) => {
    value += point.value;
    squares += Number(point.high - point.value) ** 2;
    windows += point.windows;
    return { ...point, value, ...combinedInterval({ value, halfWidthSquares: squares }), windows };
  });
}
