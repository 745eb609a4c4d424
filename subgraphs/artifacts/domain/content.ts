import { canonicalName, textLimits, textProblem } from '../../../schema/text-limits.ts';
import { type UserError, userError } from '../../../schema/user-errors.ts';

const tagsMax = 20;

export interface Content {
  readonly title?: string | null | undefined;
  readonly summary?: string | null | undefined;
  readonly note?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly contentHash?: string | null | undefined;
}

/** Tags as they are kept: each once in its canonical form, in the order given. */
export function normalTags(tags: readonly string[]): string[] {
  return [...new Set(tags.map(canonicalName))];
}

/** Objections to the texts and tags of a work; what is absent is not objected to. */
export function contentProblems(content: Content): UserError[] {
  const problems: UserError[] = [];
  const check = (text: string, limits: { min: number; max: number }, ...path: string[]): void => {
    const problem = textProblem(text, limits);
    if (problem !== null) problems.push(userError('INVALID', `${path.join('.')} ${problem}`, 'input', ...path));
  };
  for (const field of ['title', 'summary', 'note', 'contentHash'] as const) {
    const text = content[field];
    if (text != null) check(text, textLimits[field], field);
  }
  const tags = content.tags ?? [];
  if (tags.length > tagsMax)
    problems.push(userError('INVALID', `tags must be at most ${tagsMax}, not ${tags.length}`, 'input', 'tags'));
  // As it will be kept: the lower case of a letter may be longer than the letter.
  tags.forEach((tag, index) => check(canonicalName(tag), textLimits.tag, 'tags', String(index)));
  return problems;
}
