/**
 * Questions that clients answer anonymously under *local* differential privacy: each client randomises its own answer before it sends it, so that nobody, the platform
 * included, learns what one client answered. What is declared here is all that both sides need: the client to randomise, the reader to take the noise out again.
 */
import { z } from 'zod';
import { type Rational, compare, one, parseRational, rational, toNumber } from '../metrics/rational.ts';

/** Largest odds, so that a question never costs more than epsilon ln 9 = 2.2. */
const oddsMax = parseRational('9');
/** Names of things that would make an answer a person. */
const personal = /creator|account|username|login|email|address|identity/i;

const declarationSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{2,63}$/, 'must be 3 to 64 of a-z 0-9 -'),
  /** What is asked, in words that a client can show. */
  text: z.string().min(10).max(300),
  /** Why it is asked, and why with these odds. */
  reason: z.string().min(20),
  answers: z
    .array(z.string().regex(/^[A-Z][A-Z0-9_]{0,39}$/, 'must be 1 to 40 of A-Z 0-9 _'))
    .min(2)
    .max(64),
  /**
   * `ONE_OF`: k-ary randomised response; one answer is sent. `UNARY`: optimised unary encoding; of every answer a bit is sent. The second has the smaller error when there are more than
   * 3 e^epsilon + 2 answers (Wang et al. 2017, section 5).
   */
  mechanism: z.enum(['ONE_OF', 'UNARY']),
  /**
   * How much likelier a report may be under one true answer than under another: e^epsilon, as a fraction. Whole numbers are drawn, so the client's epsilon is ln(odds) exactly, never a
   * rounded probability above it.
   */
  odds: z.string(),
});
export type QuestionDeclaration = z.input<typeof declarationSchema>;

export interface Question extends Readonly<Omit<z.output<typeof declarationSchema>, 'odds'>> {
  readonly odds: Rational;
}

export class QuestionRefusedError extends Error {
  override readonly name = 'QuestionRefusedError';
}

/**
 * Declares a question. A declared question is never changed: other answers or odds are another question, with another id. Throws {@link QuestionRefusedError} with the reason.
 */
export function defineQuestion(declaration: QuestionDeclaration): Question {
  const refuse = (reason: string): never => {
    throw new QuestionRefusedError(`question ${declaration.id}: ${reason}`);
  };
  const parsed = declarationSchema.safeParse(declaration);
  if (!parsed.success)
    return refuse(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  const { answers, id } = parsed.data;
  const odds = parseRational(parsed.data.odds);
  if (compare(odds, one) <= 0 || compare(odds, oddsMax) > 0) return refuse('odds: must be more than 1 and at most 9');
  if (new Set(answers).size !== answers.length) return refuse('answers: an answer stands twice');
  if (personal.test(id) || answers.some((answer) => personal.test(answer)))
    return refuse('answers: an answer must not be a person or lead to one');
  return Object.freeze({ ...parsed.data, odds });
}

/** What one report costs its client: ln(odds), rounded up. */
export function localEpsilon(question: Question): number {
  return Math.log(toNumber(question.odds)) * (1 + 1e-12);
}

/**
 * With what probability an answer is reported that is the true one (`hit`), and one that is not (`stray`).
 * k-ary randomised response: a/(a + (k-1) b) and b/(a + (k-1) b) for odds a/b (Kairouz, Bonawitz and Ramage 2016).
 * Optimised unary encoding: 1/2 and b/(a + b) (Wang, Blocki, Li and Jha 2017).
 */
export function reportProbabilities(question: Question): { readonly hit: Rational; readonly stray: Rational } {
  const { odds, answers, mechanism } = question;
  if (mechanism === 'UNARY') return { hit: rational(1n, 2n), stray: rational(odds.den, odds.num + odds.den) };
  const all = odds.num + BigInt(answers.length - 1) * odds.den;
  return { hit: rational(odds.num, all), stray: rational(odds.den, all) };
}
