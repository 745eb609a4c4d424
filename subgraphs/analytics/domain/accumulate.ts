import { combinedInterval, spread } from './combine.ts';

interface Point {
  readonly value: bigint;
  readonly low: bigint;
  readonly high: bigint;
  readonly windows: number;
}

/** Points added up from the first on: values and spreads. */
export function accumulate<P extends Point>(points: readonly P[]): readonly P[] {
  let [value, spreads, windows] = [0n, 0, 0];
  return points.map((point) => {
    value += point.value;
    spreads += spread(Number(point.high - point.value));
    windows += point.windows;
    return { ...point, value, ...combinedInterval({ value, spreads }), windows };
  });
}
