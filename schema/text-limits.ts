/** Shortest and longest text of each field, in UTF-16 code units. The longest of them fits into one event when it is sealed. */
export const textLimits = {
  title: { min: 1, max: 300 },
  summary: { min: 0, max: 2_000 },
  note: { min: 0, max: 2_000 },
  contribution: { min: 0, max: 10_000 },
  spaceName: { min: 1, max: 128 },
  spaceDescription: { min: 0, max: 2_000 },
  post: { min: 1, max: 10_000 },
  tag: { min: 1, max: 64 },
  contentHash: { min: 0, max: 128 },
} as const;

const control = /(?![\t\n\r])\p{Cc}/u;

/** What is wrong with a text that {@link findIllFormed} finds. */
export const illFormed = 'must be well-formed Unicode (it has half of a surrogate pair)';

const unseen = /[\p{White_Space}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** How characters are counted, where somebody who counts them as people do gets another number. */
function unitsOf(text: string): string {
  return /[\u{10000}-\u{10ffff}]/u.test(text) ? ' (UTF-16 code units: an emoji has two or more)' : '';
}

/** What is wrong with a text that people wrote, without repeating it; null when it is fine. What nobody can see (white space, zero-width characters) is empty. */
export function textProblem(text: string, limits: { readonly min: number; readonly max: number }): string | null {
  if (text.length > limits.max) return `must have at most ${limits.max} characters, not ${text.length}${unitsOf(text)}`;
  if (limits.min > 0 && text.replaceAll(unseen, '').length < limits.min)
    return `must have at least ${limits.min} character${limits.min === 1 ? '' : 's'} that can be seen`;
  if (control.test(text)) return 'must not contain control characters';
  if (!text.isWellFormed()) return illFormed;
  return null;
}

/** The one way to write a name by which people find things (a skill, a tag): composed Unicode, lower case, single spaces. */
export function canonicalName(text: string): string {
  // Composed once more: the lower case of some letters is not.
  return text.normalize('NFC').toLowerCase().normalize('NFC').trim().replaceAll(/\s+/g, ' ');
}

/** Where in a JSON value the first text (or key) is no well-formed Unicode: such a text has no canonical bytes. Null where all are. */
export function findIllFormed(value: unknown, path: readonly string[] = []): readonly string[] | null {
  if (typeof value === 'string') return value.isWellFormed() ? null : path;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const found = key.isWellFormed() ? findIllFormed(inner, [...path, key]) : path;
    if (found) return found;
  }
  return null;
}
