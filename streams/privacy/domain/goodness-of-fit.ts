/** Pearson's chi-square test of whole-number draws against an exact mass function. */
import { normalDensity, normalUpperTail } from './accounting/normal.ts';

/** P(chi-square of `degrees` degrees of freedom > statistic): the finite sums of Abramowitz and Stegun 26.4.4 and 26.4.5. */
export function chiSquareTail(statistic: number, degrees: number): number {
  const isOdd = degrees % 2 === 1;
  const root = Math.sqrt(statistic);
  let tail = isOdd ? 2 * normalUpperTail(root) : 0;
  let term = isOdd ? 2 * root * normalDensity(root) : Math.exp(-statistic / 2);
  for (let k = isOdd ? 3 : 2; k <= degrees; k += 2) {
    tail += term;
    term *= statistic / k;
  }
  return tail;
}

export interface Fit {
  readonly statistic: number;
  readonly degrees: number;
  /** Probability of at least this statistic if the draws do follow the mass function. */
  readonly p: number;
}

/** Fewest draws that a value must be expected to have so as to be a class of its own; all rarer ones share one. */
const expectedMin = 10;

/**
 * Tests draws against a mass function that falls to both sides of 0. RangeError for fewer than 100 draws.
 */
export function goodnessOfFit(draws: readonly number[], mass: (x: number) => number): Fit {
  const total = draws.length;
  if (total < 100) throw new RangeError('a goodness-of-fit test needs at least 100 draws');
  const counts = new Map<number, number>();
  for (const draw of draws) counts.set(draw, (counts.get(draw) ?? 0) + 1);
  let [statistic, classes, restExpected, restCount] = [0, 0, total, total];
  const take = (x: number): void => {
    const expected = total * mass(x);
    const count = counts.get(x) ?? 0;
    statistic += (count - expected) ** 2 / expected;
    [classes, restExpected, restCount] = [classes + 1, restExpected - expected, restCount - count];
  };
  take(0);
  for (let x = 1; total * mass(x) >= expectedMin; x += 1) [x, -x].forEach(take);
  statistic += (restCount - restExpected) ** 2 / restExpected;
  return { statistic, degrees: classes, p: chiSquareTail(statistic, classes) };
}
