import type { KnownEvent } from '../../../schema/events/catalogue.ts';
import type { InvitationState, SpaceRole } from '../../../schema/graph/catalogue.ts';
import type { HlcTimestamp } from '../../../schema/hlc.ts';

export type LiveEventType =
  | 'SPACE_CREATED'
  | 'MEMBER_JOINED'
  | 'MEMBER_ROLE_CHANGED'
  | 'MEMBER_LEFT'
  | 'INVITATION_SENT'
  | 'INVITATION_ANSWERED'
  | 'POSTED';

/** What those who watch a space are told of an event. */
export interface LiveEvent {
  readonly id: string;
  readonly type: LiveEventType;
  readonly hlc: HlcTimestamp;
  readonly spaceId: string;
  readonly actorId: string;
  readonly subjectId: string | null;
  readonly role: SpaceRole | null;
  readonly answer: InvitationState | null;
  readonly postId: string | null;
}

/** The live form of an event of a space; null for any other event. */
export function liveEventOf(event: KnownEvent): LiveEvent | null {
  const about = { id: event.id, hlc: event.hlc, actorId: event.actor };
  const none = { subjectId: null, role: null, answer: null, postId: null };
  switch (event.type) {
    case 'space.created':
      return { ...about, ...none, type: 'SPACE_CREATED', spaceId: event.payload.spaceId };
    case 'space.member-joined': {
      const { spaceId, creatorId, role } = event.payload;
      return { ...about, ...none, type: 'MEMBER_JOINED', spaceId, subjectId: creatorId, role };
    }
    case 'space.member-role-changed': {
      const { spaceId, creatorId, to } = event.payload;
      return { ...about, ...none, type: 'MEMBER_ROLE_CHANGED', spaceId, subjectId: creatorId, role: to };
    }
    case 'space.member-left':
      return {
        ...about,
        ...none,
        type: 'MEMBER_LEFT',
        spaceId: event.payload.spaceId,
        subjectId: event.payload.creatorId,
      };
    case 'space.invitation-sent': {
      const { spaceId, inviteeId, role } = event.payload;
      return { ...about, ...none, type: 'INVITATION_SENT', spaceId, subjectId: inviteeId, role };
    }
    case 'space.invitation-answered': {
      const { spaceId, inviteeId, state } = event.payload;
      return { ...about, ...none, type: 'INVITATION_ANSWERED', spaceId, subjectId: inviteeId, answer: state };
    }
    case 'space.posted':
      return { ...about, ...none, type: 'POSTED', spaceId: event.payload.spaceId, postId: event.entity.id };
    default:
      return null;
  }
}

/** Whether someone who may watch the space may see this event: invitations are for members and the two of them. */
export function isShownTo(event: LiveEvent, viewer: { readonly id: string; readonly role: SpaceRole | null }): boolean {
  const isInvitation = event.type === 'INVITATION_SENT' || event.type === 'INVITATION_ANSWERED';
  return !isInvitation || viewer.role !== null || viewer.id === event.subjectId || viewer.id === event.actorId;
}
