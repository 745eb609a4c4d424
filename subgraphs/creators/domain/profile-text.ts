import { textProblem } from '../../../schema/text-limits.ts';
import { type UserError, userError } from '../../../schema/user-errors.ts';

const usernamePattern = /^[A-Za-z0-9_-]{3,32}$/;
/** Nobody chooses a name that begins so: they would be taken for somebody who was erased. */
export const erasedPrefix = 'erased-';
const limits = { displayName: { min: 1, max: 128 }, bio: { min: 0, max: 2_000 } } as const;

export interface ProfileText {
  readonly username?: string | undefined;
  readonly displayName?: string | undefined;
  readonly bio?: string | undefined;
}

/** What usernames are compared by. */
export function usernameKeyOf(username: string): string {
  return username.toLowerCase();
}

/** What is wrong with the texts that are given, by input field. */
export function profileProblems(text: ProfileText): UserError[] {
  const errors: UserError[] = [];
  if (text.username !== undefined && !usernamePattern.test(text.username)) {
    errors.push(
      userError(
        'INVALID',
        'username must have 3 to 32 characters: letters a to z, digits, _ and -',
        'input',
        'username',
      ),
    );
  }
  if (text.username !== undefined && usernameKeyOf(text.username).startsWith(erasedPrefix))
    errors.push(
      userError('INVALID', `username must not begin with ${erasedPrefix}: that is for the erased`, 'input', 'username'),
    );
  for (const field of ['displayName', 'bio'] as const) {
    const given = text[field];
    const problem = given === undefined ? null : textProblem(given, limits[field]);
    if (problem !== null) errors.push(userError('INVALID', `${field} ${problem}`, 'input', field));
  }
  return errors;
}

export function usernameTaken(username: string): UserError {
  return userError('TAKEN', `the username ${username} is taken: choose another`, 'input', 'username');
}
