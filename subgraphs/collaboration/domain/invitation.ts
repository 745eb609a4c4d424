import type { PayloadOf } from '../../../schema/events/catalogue.ts';
import type { SpaceRole } from '../../../schema/graph/catalogue.ts';
import { type Decision, decided, objected, userError } from '../../../schema/user-errors.ts';
import {
  type Actor,
  type InvitationProps,
  type KnownSpace,
  fullSpace,
  isOpen,
  mayInvite,
  maySeeInvitations,
  unknownSpace,
} from './space.ts';
import type { Target } from './membership.ts';

export interface InviteFacts {
  readonly actor: Actor;
  readonly space: KnownSpace;
  readonly invitee: Target & { readonly exists: boolean };
  /** Whether one of the two has blocked the other. */
  readonly isBlocked: boolean;
  /** Whether an invitation of the same creator into the same space waits for an answer. */
  readonly isPending: boolean;
}

/** Somebody is invited into a space, with the role that they will have there. */
export function decideInvite(facts: InviteFacts, role: SpaceRole): Decision<PayloadOf<'space.invitation-sent'>> {
  const { actor, space, invitee } = facts;
  if (space.props === null || (actor.role === null && !isOpen(space.props.kind)))
    return objected(unknownSpace(space.id));
  if (!mayInvite(actor.role, role)) {
    return objected(
      userError('FORBIDDEN', 'owners invite into every role, moderators members and observers', 'input', 'role'),
    );
  }
  if (invitee.id === actor.id)
    return objected(userError('SELF_REFERENCE', 'you are a member already', 'input', 'inviteeId'));
  if (!invitee.exists)
    return objected(userError('NOT_FOUND', `there is no creator ${invitee.id}`, 'input', 'inviteeId'));
  if (facts.isBlocked) return objected(userError('BLOCKED', 'one of you has blocked the other', 'input', 'inviteeId'));
  if (invitee.role !== null)
    return objected(
      userError('ALREADY_DONE', `this creator is a member already (${invitee.role})`, 'input', 'inviteeId'),
    );
  if (facts.isPending)
    return objected(
      userError('ALREADY_DONE', 'an invitation of this creator waits for an answer', 'input', 'inviteeId'),
    );
  return decided({ spaceId: space.id, inviteeId: invitee.id, role });
}

export interface AnswerFacts {
  readonly actor: Actor;
  readonly invitationId: string;
  readonly invitation: InvitationProps | null;
  readonly space: KnownSpace;
  /** The inviter's role today: an invitation holds only while its sender could send it. */
  readonly inviterRole: SpaceRole | null;
  readonly isBlocked: boolean;
}

export interface Answered {
  readonly answer: PayloadOf<'space.invitation-answered'>;
  readonly joined: PayloadOf<'space.member-joined'> | null;
}

/** The invited creator accepts, and is a member from then on, or declines. */
export function decideAnswer(facts: AnswerFacts, accept: boolean): Decision<Answered> {
  const { actor, invitation, space } = facts;
  if (invitation?.inviteeId !== actor.id || space.props === null)
    return objected(unknownInvitation(facts.invitationId));
  if (invitation.state !== 'PENDING') return objected(settled(invitation));
  const about = { spaceId: space.id, inviteeId: actor.id };
  if (!accept) return decided({ answer: { ...about, state: 'DECLINED' }, joined: null });
  if (actor.role !== null)
    return objected(userError('ALREADY_DONE', 'you are a member already: decline the invitation', 'input', 'accept'));
  if (facts.isBlocked)
    return objected(
      userError(
        'BLOCKED',
        'you and the inviter are blocked from each other: decline the invitation',
        'input',
        'accept',
      ),
    );
  if (!mayInvite(facts.inviterRole, invitation.role)) {
    return objected(
      userError(
        'FORBIDDEN',
        'whoever invited you may no longer give this role: ask for a new invitation',
        'input',
        'invitationId',
      ),
    );
  }
  if (space.memberCount >= space.props.capacity) return objected(fullSpace(space.props, 'input', 'invitationId'));
  return decided({
    answer: { ...about, state: 'ACCEPTED' },
    joined: { spaceId: space.id, creatorId: actor.id, role: invitation.role },
  });
}

/** The inviter, an owner or a moderator takes an unanswered invitation back. */
export function decideRevoke(
  facts: Pick<AnswerFacts, 'actor' | 'invitationId' | 'invitation'>,
): Decision<PayloadOf<'space.invitation-answered'>> {
  const { actor, invitation } = facts;
  if (invitation === null || !(invitation.inviterId === actor.id || maySeeInvitations(actor.role)))
    return objected(unknownInvitation(facts.invitationId));
  if (invitation.state !== 'PENDING') return objected(settled(invitation));
  return decided({ spaceId: invitation.spaceId, inviteeId: invitation.inviteeId, state: 'REVOKED' });
}

function unknownInvitation(id: string): ReturnType<typeof userError> {
  return userError('NOT_FOUND', `there is no invitation ${id} that is yours`, 'input', 'invitationId');
}

function settled(invitation: InvitationProps): ReturnType<typeof userError> {
  return userError('ALREADY_DONE', `the invitation is ${invitation.state}`, 'input', 'invitationId');
}
