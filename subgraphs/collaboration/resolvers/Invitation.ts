import type { InvitationResolvers } from '../generated/resolvers.ts';
import { visibleInvitation, visibleSpace } from '../visibility.ts';

export const Invitation: InvitationResolvers = {
  __resolveReference: ({ id }, context) => visibleInvitation(context, id),
  space: ({ props }, _args, context) => visibleSpace(context, props.spaceId),
  inviter: ({ props }) => ({ id: props.inviterId }),
  invitee: ({ props }) => ({ id: props.inviteeId }),
  role: ({ props }) => props.role,
  state: ({ props }) => props.state,
  sentAt: ({ props }) => props.sentAt,
};
