import { z } from 'zod';
import { invitationStates, spaceKinds, spaceRoles } from '../../graph/catalogue.ts';

const bySpace = (event: { readonly payload: { readonly spaceId: string } }): string => event.payload.spaceId;
const spaceId = z.string();

/** All events of a space share its key, so that a subscriber sees them in the order in which they happened. */
export const spaceEvents = {
  /** Sealed beside it, under the founder's key: name, description. */
  'space.created': {
    version: 1,
    entity: 'Space',
    payload: z.strictObject({
      spaceId,
      kind: z.enum(spaceKinds),
      capacity: z.int().min(1),
      parentId: z.string().nullable(),
    }),
    key: bySpace,
  },
  'space.member-joined': {
    version: 1,
    entity: 'Membership',
    payload: z.strictObject({ spaceId, creatorId: z.string(), role: z.enum(spaceRoles) }),
    key: bySpace,
  },
  'space.member-role-changed': {
    version: 1,
    entity: 'Membership',
    payload: z.strictObject({ spaceId, creatorId: z.string(), from: z.enum(spaceRoles), to: z.enum(spaceRoles) }),
    key: bySpace,
  },
  'space.member-left': {
    version: 1,
    entity: 'Membership',
    payload: z.strictObject({ spaceId, creatorId: z.string(), removed: z.boolean() }),
    key: bySpace,
  },
  'space.invitation-sent': {
    version: 1,
    entity: 'Invitation',
    payload: z.strictObject({ spaceId, inviteeId: z.string(), role: z.enum(spaceRoles) }),
    key: bySpace,
  },
  'space.invitation-answered': {
    version: 1,
    entity: 'Invitation',
    payload: z.strictObject({ spaceId, inviteeId: z.string(), state: z.enum(invitationStates) }),
    key: bySpace,
  },
  /** Sealed beside it, under the author's key: body. */
  'space.posted': {
    version: 1,
    entity: 'Post',
    payload: z.strictObject({ spaceId, inReplyTo: z.string().nullable() }),
    key: bySpace,
  },
} as const;
