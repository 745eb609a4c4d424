import { z } from 'zod';
import { questionById } from './questions.ts';

/** An anonymous report on the log: nothing in it names a client, and its id is drawn at random by whoever sends it. */
export const reportSchema = z.strictObject({
  question: z.string(),
  /** The randomised answers, as places in the question's list, in rising order. */
  answers: z.array(z.int().min(0).max(63)).max(64),
});
export type Report = z.infer<typeof reportSchema>;

/** Reports of one call. */
export const reportsMax = 20;
/** 128 random bits in hex, or a UUID. */
export const reportIdPattern = /^[0-9a-f-]{32,36}$/;

/** What is wrong with a report's answers, in words that name the question; null where nothing is. */
export function faultOfReport({
  question: id,
  answers,
}: {
  question: string;
  answers: readonly string[];
}): string | null {
  const question = questionById.get(id);
  if (!question) return `question must be one of ${[...questionById.keys()].join(', ')}`;
  const stray = answers.find((answer) => !question.answers.includes(answer));
  if (stray !== undefined) return `answers of ${id} are ${question.answers.join(', ')}`;
  if (new Set(answers).size !== answers.length) return `answers of ${id}: an answer stands twice`;
  if (question.mechanism === 'ONE_OF' && answers.length !== 1) return `${id} takes exactly one answer`;
  return null;
}
