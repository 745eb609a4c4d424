import type { PayloadOf } from '../../../schema/events/catalogue.ts';
import type { SpaceRole } from '../../../schema/graph/catalogue.ts';
import { type Decision, decided, objected, userError } from '../../../schema/user-errors.ts';
import { type Actor, type KnownSpace, fullSpace, isOpen, mayRemove, unknownSpace } from './space.ts';

/** The creator whom a command is about. */
export interface Target {
  readonly id: string;
  /** Null where they are no member. */
  readonly role: SpaceRole | null;
}

export interface MemberFacts {
  readonly actor: Actor;
  readonly space: KnownSpace;
  readonly target: Target;
  readonly ownerCount: number;
}

/** A signed-in creator joins an open space. */
export function decideJoin(facts: {
  readonly actor: Actor;
  readonly isPlatform: boolean;
  readonly space: KnownSpace;
}): Decision<PayloadOf<'space.member-joined'>> {
  const { actor, space } = facts;
  if (facts.isPlatform)
    return objected(userError('FORBIDDEN', 'a platform cannot join a space: name the creator who does', 'input'));
  if (actor.role !== null)
    return objected(userError('ALREADY_DONE', `you are a member already (${actor.role})`, 'input', 'spaceId'));
  if (space.props === null || !isOpen(space.props.kind)) {
    return objected(
      userError('NOT_FOUND', `there is no open space ${space.id}: others are joined by invitation`, 'input', 'spaceId'),
    );
  }
  if (space.memberCount >= space.props.capacity) return objected(fullSpace(space.props, 'input', 'spaceId'));
  return decided({ spaceId: space.id, creatorId: actor.id, role: 'MEMBER' });
}

/** A member leaves. The last owner stays: a space without an owner could never be looked after again. */
export function decideLeave(facts: Omit<MemberFacts, 'target'>): Decision<PayloadOf<'space.member-left'>> {
  const { actor, space, ownerCount } = facts;
  if (space.props === null || actor.role === null)
    return objected(userError('NOT_FOUND', `you are no member of space ${space.id}`, 'input', 'spaceId'));
  if (actor.role === 'OWNER' && ownerCount <= 1) {
    return objected(
      userError('FORBIDDEN', 'you are the last owner: make somebody else an owner first', 'input', 'spaceId'),
    );
  }
  return decided({ spaceId: space.id, creatorId: actor.id, removed: false });
}

/** Somebody is removed by an owner, or by a moderator. */
export function decideRemove(facts: MemberFacts): Decision<PayloadOf<'space.member-left'>> {
  const objection = objectionToManaging(facts);
  if (objection !== null) return objection;
  const { actor, space, target } = facts;
  if (target.id === actor.id)
    return objected(userError('SELF_REFERENCE', 'leave the space instead of removing yourself', 'input', 'creatorId'));
  if (target.role === null || !mayRemove(actor.role, target.role)) {
    return objected(
      userError('FORBIDDEN', 'owners remove everybody, moderators members and observers', 'input', 'creatorId'),
    );
  }
  return decided({ spaceId: space.id, creatorId: target.id, removed: true });
}

/** An owner gives a member another role. */
export function decideChangeRole(facts: MemberFacts, to: SpaceRole): Decision<PayloadOf<'space.member-role-changed'>> {
  const objection = objectionToManaging(facts);
  if (objection !== null) return objection;
  const { actor, space, target, ownerCount } = facts;
  if (actor.role !== 'OWNER' || target.role === null)
    return objected(userError('FORBIDDEN', 'only owners change roles', 'input', 'role'));
  if (target.role === to) return objected(userError('ALREADY_DONE', `the member is ${to} already`, 'input', 'role'));
  if (target.role === 'OWNER' && ownerCount <= 1) {
    return objected(
      userError('FORBIDDEN', 'the last owner stays one: make somebody else an owner first', 'input', 'role'),
    );
  }
  return decided({ spaceId: space.id, creatorId: target.id, from: target.role, to });
}

function objectionToManaging(facts: MemberFacts): ReturnType<typeof objected> | null {
  const { actor, space, target } = facts;
  if (space.props === null || (actor.role === null && !isOpen(space.props.kind)))
    return objected(unknownSpace(space.id));
  if (actor.role === null)
    return objected(userError('FORBIDDEN', 'you are no member of this space', 'input', 'spaceId'));
  if (target.role === null)
    return objected(userError('NOT_FOUND', `creator ${target.id} is no member of this space`, 'input', 'creatorId'));
  return null;
}
