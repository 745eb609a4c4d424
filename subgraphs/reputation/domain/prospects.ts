import type { Dimension } from '../../../schema/graph/catalogue.ts';
import { decay, expectation, formula } from '../../../schema/reputation/formula.ts';
import { type Rule, rules } from '../../../schema/reputation/rules.ts';

export interface Prospect {
  readonly rule: string;
  readonly description: string;
  readonly score: number;
  readonly change: number;
}

export interface Prospects {
  readonly ifNothingHappens: number;
  readonly prospects: readonly Prospect[];
}

/**
 * Where a score goes from these sums (decayed to the instant in question): with nothing more, and with one more act under each rule
 * of the dimension, at full trust and within the caps.
 */
export function prospectsOf(dimension: Dimension, sums: { positive: number; negative: number }): Prospects {
  const ifNothingHappens = 100 * expectation(sums);
  const prospects = Object.entries<Rule>(rules).flatMap(([rule, { weights, description }]): Prospect[] => {
    const weight = weights[dimension];
    if (weight === undefined) return [];
    const units = Math.min(Math.abs(weight), formula.pairCap.units) * decay(0, weight);
    const score =
      100 *
      expectation({
        positive: sums.positive + (weight > 0 ? units : 0),
        negative: sums.negative + (weight < 0 ? units : 0),
      });
    return [{ rule, description, score, change: score - ifNothingHappens }];
  });
  return { ifNothingHappens, prospects: prospects.sort((a, b) => b.change - a.change) };
}

/** The formula of a score with its inputs put in. */
export function expressionOf({ positive, negative }: { positive: number; negative: number }): string {
  const { prior, negativeFactor } = formula;
  const digits = (value: number): string => String(Number(value.toPrecision(9)));
  const score = digits(100 * expectation({ positive, negative }));
  return `100 × (r + ${prior.positive}) / (r + ${negativeFactor} s + ${prior.positive + prior.negative}) = ${score}, r = ${digits(positive)}, s = ${digits(negative)}`;
}
