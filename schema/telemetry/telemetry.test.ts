import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Rational, compare, divide, formatRational, multiply, one, subtract } from '../metrics/rational.ts';
import { estimateAnswers } from './estimate.ts';
import { type Question, defineQuestion, localEpsilon, reportProbabilities } from './question.ts';
import { questions } from './questions.ts';
import { faultOfReport } from './report.ts';

const base = {
  id: 'test-question',
  text: 'What is this test about?',
  reason: 'To see what is refused and what is not.',
  answers: ['A', 'B', 'C'],
  mechanism: 'ONE_OF' as const,
  odds: '3',
};

/** Probability of a report, as a set of places, when the true answer stands at `truth`. */
function probabilityOf(question: Question, report: ReadonlySet<number>, truth: number): Rational {
  const { hit, stray } = reportProbabilities(question);
  if (question.mechanism === 'ONE_OF') return report.has(truth) ? hit : stray;
  return question.answers
    .map((_, n) => {
      const set = n === truth ? hit : stray;
      return report.has(n) ? set : subtract(one, set);
    })
    .reduce(multiply);
}

function reportsOf(question: Question): readonly ReadonlySet<number>[] {
  const k = question.answers.length;
  if (question.mechanism === 'ONE_OF') return question.answers.map((_, n) => new Set([n]));
  return Array.from(
    { length: 2 ** k },
    (_, bits) => new Set(question.answers.flatMap((_a, n) => ((bits >> n) & 1 ? [n] : []))),
  );
}

// Goal: no report is more than `odds` times likelier under one true answer than under another, exactly, and the noise comes out again.
describe('questions under local differential privacy', () => {
  test.each([
    ['one of three', defineQuestion(base)],
    ['odds that are no whole number', defineQuestion({ ...base, odds: '7/2' })],
    ['unary', defineQuestion({ ...base, mechanism: 'UNARY', answers: ['A', 'B', 'C', 'D'] })],
  ])('%s: the largest ratio of two probabilities is the odds', (_name, question) => {
    let largest = one;
    for (const report of reportsOf(question))
      for (let a = 0; a < question.answers.length; a += 1)
        for (let b = 0; b < question.answers.length; b += 1) {
          const ratio = divide(probabilityOf(question, report, a), probabilityOf(question, report, b));
          if (compare(ratio, largest) > 0) largest = ratio;
        }
    expect(formatRational(largest)).toBe(formatRational(question.odds));
  });

  test('known values: epsilon ln 3, and the probabilities of the papers', () => {
    const question = defineQuestion(base);
    expect(localEpsilon(question)).toBeCloseTo(Math.log(3), 10);
    expect(localEpsilon(question)).toBeGreaterThanOrEqual(Math.log(3));
    expect(reportProbabilities(question)).toEqual({ hit: { num: 3n, den: 5n }, stray: { num: 1n, den: 5n } });
    expect(reportProbabilities(defineQuestion({ ...base, mechanism: 'UNARY' }))).toEqual({
      hit: { num: 1n, den: 2n },
      stray: { num: 1n, den: 4n },
    });
  });

  test.each([
    ['odds', { odds: '1' }, 'more than 1'],
    ['odds', { odds: '10' }, 'at most 9'],
    ['answers', { answers: ['A', 'A'] }, 'stands twice'],
    ['answers', { answers: ['A'] }, 'answers'],
    ['answers', { answers: ['MY_USERNAME', 'B'] }, 'must not be a person'],
    ['id', { id: 'X' }, 'id'],
  ])('%s out of bounds are refused with the reason (%j)', (_field, change, message) => {
    expect(() => defineQuestion({ ...base, ...change })).toThrow(message);
  });

  test('each declared question uses the mechanism with the smaller error', () => {
    for (const { answers, odds, mechanism } of questions)
      expect(mechanism).toBe(answers.length > 3 * (Number(odds.num) / Number(odds.den)) + 2 ? 'UNARY' : 'ONE_OF');
  });

  test('a report that no honest client sends is refused', () => {
    expect(faultOfReport({ question: 'client-kind', answers: ['SCRIPT'] })).toBeNull();
    expect(faultOfReport({ question: 'most-used-operation', answers: [] })).toBeNull();
    expect(faultOfReport({ question: 'client-kind', answers: [] })).toMatch('exactly one');
    expect(faultOfReport({ question: 'client-kind', answers: ['FAX'] })).toMatch('MOBILE_APP');
    expect(faultOfReport({ question: 'most-used-operation', answers: ['APPEAL', 'APPEAL'] })).toMatch('twice');
    expect(faultOfReport({ question: 'shoe-size', answers: [] })).toMatch('client-kind');
  });
});

/** A generator whose draws a seed fixes (Mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('estimates', () => {
  test('expected counts give the true numbers back', () => {
    fc.assert(
      fc.property(fc.constantFrom(...questions), fc.nat(5_000), fc.nat(5_000), (question, mine, others) => {
        const { hit, stray } = reportProbabilities(question);
        const [p, q] = [Number(hit.num) / Number(hit.den), Number(stray.num) / Number(stray.den)];
        const reported = question.answers.map((_, n) => (n === 0 ? mine * p + others * q : (mine + others) * q));
        const [first] = estimateAnswers(question, { reports: mine + others, reported }, 0.95);
        expect(first?.value).toBeCloseTo(mine, 6);
      }),
    );
  });

  test('intervals hold the truth at least as often as they say, also for a handful of reports', () => {
    const draw = seeded(7);
    for (const question of questions) {
      const { hit, stray } = reportProbabilities(question);
      const [p, q] = [Number(hit.num) / Number(hit.den), Number(stray.num) / Number(stray.den)];
      for (const [mine, all] of [
        [0, 3],
        [3, 3],
        [20, 60],
        [150, 400],
      ] as const) {
        let held = 0;
        for (let run = 0; run < 400; run += 1) {
          let count = 0;
          for (let n = 0; n < all; n += 1) count += Number(draw() < (n < mine ? p : q));
          const reported = question.answers.map((_, n) => (n === 0 ? count : 0));
          const [first] = estimateAnswers(question, { reports: all, reported }, 0.9);
          held += Number(first !== undefined && first.low <= mine && mine <= first.high);
        }
        expect(held / 400).toBeGreaterThanOrEqual(0.87);
      }
    }
  });

  test('counts that do not fit are refused', () => {
    const question = defineQuestion(base);
    expect(() => estimateAnswers(question, { reports: 1, reported: [0, 2, 0] }, 0.9)).toThrow('do not fit');
    expect(() => estimateAnswers(question, { reports: 1, reported: [0] }, 0.9)).toThrow('do not fit');
    expect(() => estimateAnswers(question, { reports: 1, reported: [0, 1, 0] }, 1)).toThrow('level');
  });
});
