import { pageRequest, toConnection } from '../../shared/connection.ts';
import { findConnection } from '../../shared/find-connection.ts';
import { visiblePage } from '../../shared/visible-page.ts';
import type { CreatorResolvers } from '../generated/resolvers.ts';
import { watchableSpaces } from '../visibility.ts';

export const Creator: CreatorResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  spaces: async ({ id }, args, context) => {
    const list = `spaces of ${id}`;
    const request = pageRequest(list, args);
    const query = { edge: 'MEMBER_OF', direction: 'out', orderBy: 'since', order: 'desc' } as const;
    const page = await visiblePage(
      request,
      (next) => context.loaders.neighbours({ ...query, ...next }).load(id),
      // Who is in a space is told to those who may watch it, here as in the list of its members.
      (items) =>
        watchableSpaces(
          context,
          items.map((item) => item.id),
        ),
    );
    return toConnection(list, request, page, (space) => space);
  },
  invitations: ({ id }, args, { viewer, store }) => {
    if (viewer.creatorId !== id) return null;
    const query = { type: 'Invitation', orderBy: 'sentAt', order: 'desc' } as const;
    const where = { inviteeId: id, state: 'PENDING' };
    return findConnection(store, { list: `invitations of ${id}`, where, ...query }, args);
  },
};
