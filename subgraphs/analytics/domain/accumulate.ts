import { combinedInterval } from './combine.ts';

interface Point {
  readonly value: bigint;
  readonly low: bigint;
  readonly high: bigint;
  readonly windows: number;
}

/** Points added up from the first on: values and squared half-widths. */
export function accumulate<P extends Point>(points: readonly P[]): readonly P[] {
  let [value, squares, windows] = [0n, 0, 0];
  return points.map((point) => {
    value += point.value;
    squares += Number(point.high - point.value) ** 2;
    windows += point.windows;
    return { ...point, value, ...combinedInterval({ value, halfWidthSquares: squares }), windows };
  });
}
