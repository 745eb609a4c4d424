import type { NodeProps } from '../../../schema/graph/catalogue.ts';
import { type Decision, decided, objected, userError } from '../../../schema/user-errors.ts';
import { erasedPrefix, usernameKeyOf } from './profile-text.ts';

/** Whether somebody means it: erasing cannot be taken back. */
export function decideErasure(
  creator: Pick<NodeProps['Creator'], 'usernameKey'>,
  confirmUsername: string,
): Decision<null> {
  if (usernameKeyOf(confirmUsername) === creator.usernameKey) return decided(null);
  return objected(
    userError('INVALID', 'confirmUsername is not your username: nothing was erased', 'input', 'confirmUsername'),
  );
}

/** The name that an erased creator has, made of digits of an id. */
export function erasedUsername(id: string): string {
  return `${erasedPrefix}${id.replaceAll('-', '').slice(-20)}`;
}

/** What is left of a profile: an id, dates and how the creator took part. `identity` is one that no login has. */
export function erasedProfile(
  creator: NodeProps['Creator'],
  { username, identity }: Pick<NodeProps['Creator'], 'username' | 'identity'>,
): NodeProps['Creator'] {
  return {
    ...creator,
    username,
    usernameKey: usernameKeyOf(username),
    identity,
    displayName: 'Erased',
    bio: '',
    skills: [],
    state: 'MIGRATED',
    publicMetrics: [],
    isErased: 1,
  };
}
