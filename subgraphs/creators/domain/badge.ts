import { textProblem } from '../../../schema/text-limits.ts';
import { type UserError, userError } from '../../../schema/user-errors.ts';

const textLimit = { min: 1, max: 64 } as const;

export interface BadgeState {
  /** Whether another platform attests it. */
  readonly isPlatform: boolean;
  /** Whether the creator exists. */
  readonly isKnown: boolean;
  /** Whether this very award was recorded before. */
  readonly isAwarded: boolean;
}

/** What stands against recording an award; nothing when it is fine. */
export function decideBadgeAward(
  state: BadgeState,
  command: { readonly badge: string; readonly about: string | null },
): readonly UserError[] {
  if (!state.isPlatform) return [userError('FORBIDDEN', 'badges come from platforms that attest them', 'input')];
  if (!state.isKnown) return [userError('NOT_FOUND', 'there is no such creator', 'input', 'creatorId')];
  if (state.isAwarded) return [userError('ALREADY_DONE', 'this award is recorded already', 'input')];
  return (['badge', 'about'] as const).flatMap((field) => {
    const text = command[field];
    const problem = text === null ? null : textProblem(text, textLimit);
    return problem === null ? [] : [userError('INVALID', `${field} ${problem}`, 'input', field)];
  });
}
