import { type Question, defineQuestion } from './question.ts';

/** Every question that clients may answer. */
export const questions: readonly Question[] = [
  defineQuestion({
    id: 'client-kind',
    text: 'What kind of client is this?',
    reason:
      'Decides what is built next. With odds of 4 a single answer stays deniable (epsilon 1.39), and a thousand answers give shares within some eight points.',
    answers: ['DASHBOARD', 'WEB_APP', 'DESKTOP_APP', 'MOBILE_APP', 'SCRIPT'],
    mechanism: 'ONE_OF',
    odds: '4',
  }),
  defineQuestion({
    id: 'answer-time',
    text: 'How long did the client wait for the slowest tenth of its answers in the last week?',
    reason:
      'What people wait for at their end, network included, which the server cannot measure. Six buckets and odds of 3 (epsilon 1.10): how far away somebody lives is nobody’s business.',
    answers: ['UNDER_50_MS', 'UNDER_100_MS', 'UNDER_250_MS', 'UNDER_1_S', 'UNDER_5_S', 'LONGER'],
    mechanism: 'ONE_OF',
    odds: '3',
  }),
  defineQuestion({
    id: 'most-used-operation',
    text: 'What was the client used for most in the last week?',
    reason:
      'Shows which parts of the platform carry people’s work. With sixteen answers and odds of 3 (epsilon 1.10) unary encoding has the smaller error.',
    answers: [
      'READ_WORKS',
      'PUBLISH_WORKS',
      'REVISE_WORKS',
      'JUDGE_WORKS',
      'READ_PROFILES',
      'EDIT_PROFILE',
      'READ_REPUTATION',
      'APPEAL',
      'READ_CANON',
      'VERIFY_CANON',
      'READ_TRENDS',
      'FOLLOW_PEOPLE',
      'JOIN_SPACES',
      'POST_TO_SPACES',
      'WATCH_LIVE',
      'SOMETHING_ELSE',
    ],
    mechanism: 'UNARY',
    odds: '3',
  }),
];

export const questionById: ReadonlyMap<string, Question> = new Map(
  questions.map((question) => [question.id, question]),
);
