import type { NodeProps, SpaceKind, SpaceRole } from '../../../schema/graph/catalogue.ts';
import { type UserError, userError } from '../../../schema/user-errors.ts';

export type SpaceProps = NodeProps['Space'];
export type InvitationProps = NodeProps['Invitation'];

export const capacityMax = 100_000;

/** Who acts, with the role in the space that is acted in; null for those who are no members. */
export interface Actor {
  readonly id: string;
  readonly role: SpaceRole | null;
}

/** A space as it stands when a command is judged; `props` null where there is none. */
export interface KnownSpace {
  readonly id: string;
  readonly props: SpaceProps | null;
  readonly memberCount: number;
}

/** SOCIAL spaces are open: every signed-in creator may look in and join. */
export function isOpen(kind: SpaceKind): boolean {
  return kind === 'SOCIAL';
}

/** Whether its name, kind and size may be told: of an open space to all, of another to members and the invited. */
export function isSeen(kind: SpaceKind, to: { readonly role: SpaceRole | null; readonly isInvited: boolean }): boolean {
  return isOpen(kind) || to.role !== null || to.isInvited;
}

/** Whether posts, members and live events may be followed. */
export function mayWatch(
  kind: SpaceKind,
  viewer: { readonly id: string | null; readonly role: SpaceRole | null },
): boolean {
  return viewer.id !== null && (isOpen(kind) || viewer.role !== null);
}

export function mayPost(role: SpaceRole | null): boolean {
  return role === 'OWNER' || role === 'MODERATOR' || role === 'MEMBER';
}

/** Owners give every role; moderators let people in, but make none their equal. */
export function mayInvite(role: SpaceRole | null, invitedAs: SpaceRole): boolean {
  return role === 'OWNER' || (role === 'MODERATOR' && isCommon(invitedAs));
}

/** Owners remove everybody, moderators members and observers. */
export function mayRemove(role: SpaceRole | null, target: SpaceRole): boolean {
  return role === 'OWNER' || (role === 'MODERATOR' && isCommon(target));
}

/** Owners and moderators look after who comes in. */
export function maySeeInvitations(role: SpaceRole | null): boolean {
  return role === 'OWNER' || role === 'MODERATOR';
}

function isCommon(role: SpaceRole): boolean {
  return role === 'MEMBER' || role === 'OBSERVER';
}

/** The objection to a space that is absent or closed to the actor: both get the same answer. */
export function unknownSpace(id: string): UserError {
  return userError('NOT_FOUND', `there is no space ${id} that you can see`, 'input', 'spaceId');
}

/** The objection to one more member where there is no room. */
export function fullSpace(space: SpaceProps, ...path: string[]): UserError {
  return userError('LIMIT_EXCEEDED', `the space is full: it holds ${space.capacity} members`, ...path);
}
