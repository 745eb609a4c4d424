/** Takes the clients' noise out of summed reports. It is post-processing: no privacy is spent. */
import { toNumber } from '../metrics/rational.ts';
import { type Question, reportProbabilities } from './question.ts';

/** How many of the reporting clients have an answer. */
export interface AnswerEstimate {
  readonly answer: string;
  /** Unbiased; it may be negative or above the number of reports. */
  readonly value: number;
  /** Ends of the interval that holds the true number with probability `level`, cut to what is possible. */
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

/** Miss of a two-sided bound on the sum of independent 0/1 variables (Bernstein): P(|S - E S| >= t) <= 2 exp(-t² / (2 (v + t/3))). */
function bernsteinHalfWidth(variance: number, miss: number): number {
  const log = Math.log(2 / miss);
  return log / 3 + Math.sqrt((log / 3) ** 2 + 2 * variance * log);
}

/**
 * Estimates from `reports` reports, of which `reported[n]` hold answer n: (reported - reports · stray) / (hit - stray) (Wang et al. 2017, equation 1). The interval comes from the noise
 * alone, taken at its widest over all true numbers, and by Bernstein's inequality, so it holds for any number of reports, one included.
 * RangeError where the counts do not fit the question or the level is not between 0 and 1.
 */
export function estimateAnswers(
  question: Question,
  counts: { readonly reports: number; readonly reported: readonly number[] },
  level: number,
): readonly AnswerEstimate[] {
  const { reports, reported } = counts;
  if (!(level > 0 && level < 1)) throw new RangeError('the level of an interval must lie between 0 and 1');
  if (reported.length !== question.answers.length || reported.some((count) => count < 0 || count > reports))
    throw new RangeError(`question ${question.id}: the counts do not fit its ${question.answers.length} answers`);
  const probabilities = reportProbabilities(question);
  const [hit, stray] = [toNumber(probabilities.hit), toNumber(probabilities.stray)];
  const variance = reports * Math.max(hit * (1 - hit), stray * (1 - stray));
  const half = bernsteinHalfWidth(variance, 1 - level) / (hit - stray);
  return question.answers.map((answer, n) => {
    const value = ((reported[n] ?? 0) - reports * stray) / (hit - stray);
    const within = (bound: number): number => Math.min(reports, Math.max(0, bound));
    return { answer, value, low: within(value - half), high: within(value + half), level };
  });
}
