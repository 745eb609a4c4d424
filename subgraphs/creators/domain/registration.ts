import type { CreatorType, Dimension } from '../../../schema/graph/catalogue.ts';
import { type Decision, type UserError, decided, objected, userError } from '../../../schema/user-errors.ts';
import { profileProblems, usernameTaken } from './profile-text.ts';
import { readSkills } from './skills.ts';

/** What a creator starts with; skills and metrics in their stored order. */
export interface Registration {
  readonly username: string;
  readonly displayName: string;
  readonly bio: string;
  readonly creatorType: CreatorType;
  readonly skills: readonly string[];
  readonly publicMetrics: readonly Dimension[];
}

export interface RegistrationState {
  /** This login, or this id, has a creator already. */
  readonly isRegistered: boolean;
  readonly isUsernameTaken: boolean;
}

/** Judges a registration. An empty display name becomes the username. */
export function decideRegistration(state: RegistrationState, command: Registration): Decision<Registration> {
  if (state.isRegistered)
    return objected(userError('ALREADY_DONE', 'this login has a creator already: a login has one', 'input'));
  const displayName = command.displayName.trim() === '' ? command.username : command.displayName;
  const skills = readSkills(command.skills);
  const errors: UserError[] = profileProblems({ username: command.username, displayName, bio: command.bio });
  if (!skills.ok) errors.push(...skills.errors);
  if (state.isUsernameTaken) errors.push(usernameTaken(command.username));
  if (errors.length > 0 || !skills.ok) return objected(...errors);
  return decided({
    ...command,
    displayName,
    skills: skills.value,
    publicMetrics: [...new Set(command.publicMetrics)].sort(),
  });
}
