import type { CreatorType, NodeProps } from '../../../schema/graph/catalogue.ts';
import { type Decision, decided, objected, userError } from '../../../schema/user-errors.ts';
import { profileProblems, usernameTaken } from './profile-text.ts';

type Creator = NodeProps['Creator'];
const profileFields = ['username', 'displayName', 'bio', 'creatorType'] as const;
export type ProfileField = (typeof profileFields)[number];

/** What is undefined stays as it is. */
export interface ProfileCommand {
  readonly username?: string | undefined;
  readonly displayName?: string | undefined;
  readonly bio?: string | undefined;
  readonly creatorType?: CreatorType | undefined;
}

/** The fields that get another value. */
export type ProfileChange = Partial<Pick<Creator, ProfileField>>;

/** Judges a change of the profile. */
export function decideProfileUpdate(
  state: { readonly creator: Creator; readonly isUsernameTaken: boolean },
  command: ProfileCommand,
): Decision<ProfileChange> {
  const errors = profileProblems(command);
  if (state.isUsernameTaken && command.username !== undefined) errors.push(usernameTaken(command.username));
  if (errors.length > 0) return objected(...errors);
  const changed = profileFields.filter(
    (field) => command[field] !== undefined && command[field] !== state.creator[field],
  );
  if (changed.length === 0) return objected(userError('ALREADY_DONE', 'the profile is like that already', 'input'));
  return decided(Object.fromEntries(changed.map((field) => [field, command[field]])) as ProfileChange);
}

/** Judges which reputation dimensions everybody may see. */
export function decideVisibility(creator: Creator, shown: readonly string[]): Decision<readonly string[]> {
  const publicMetrics = [...new Set(shown)].sort();
  if (publicMetrics.join() === creator.publicMetrics.join())
    return objected(userError('ALREADY_DONE', 'exactly these are public already', 'input', 'publicMetrics'));
  return decided(publicMetrics);
}
