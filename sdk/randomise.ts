/** The client's half of local differential privacy: an answer is randomised here, before anything leaves. */

/** What the platform tells of a question: a node of `TelemetryQuestionsDocument`. */
export interface LocalQuestion {
  readonly id: string;
  readonly answers: readonly string[];
  readonly mechanism: 'ONE_OF' | 'UNARY';
  /** e^epsilon as an exact fraction, like `4` or `7/2`. */
  readonly odds: string;
}

/** A whole number from 0 to `below - 1`, each equally likely. */
export type Draw = (below: number) => number;

const chancesMax = 2 ** 32;

/** {@link Draw} from the platform's cryptographic source, by rejection: a remainder would favour small numbers. */
export const secureDraw: Draw = (below) => {
  const limit = chancesMax - (chancesMax % below);
  for (;;) {
    const [value = 0] = crypto.getRandomValues(new Uint32Array(1));
    if (value < limit) return value % below;
  }
};

function parseOdds(text: string): { readonly num: number; readonly den: number } {
  const [, num, den] = /^(\d{1,6})(?:\/(\d{1,6}))?$/.exec(text) ?? [];
  const odds = { num: Number(num), den: Number(den ?? '1') };
  if (!(odds.den > 0 && odds.num > odds.den)) throw new RangeError(`odds must be a fraction above 1, not ${text}`);
  return odds;
}

/**
 * The randomised answers to report for a true answer. Chances are whole numbers out of whole numbers, so that the privacy loss is ln(odds) exactly: `ONE_OF` is k-ary randomised response
 * (Kairouz, Bonawitz and Ramage 2016), `UNARY` optimised unary encoding (Wang, Blocki, Li and Jha 2017). RangeError for an answer that the question does not have.
 */
export function randomise(question: LocalQuestion, truth: string, draw: Draw = secureDraw): readonly string[] {
  const { answers, mechanism, id } = question;
  const place = answers.indexOf(truth);
  if (place < 0) throw new RangeError(`${id} has the answers ${answers.join(', ')}, not ${truth}`);
  const { num, den } = parseOdds(question.odds);
  if (mechanism === 'UNARY') return answers.filter((_, n) => (n === place ? draw(2) === 0 : draw(num + den) < den));
  const chance = draw(num + (answers.length - 1) * den);
  if (chance < num) return [truth];
  const other = Math.floor((chance - num) / den);
  return [answers[other < place ? other : other + 1] as string];
}
