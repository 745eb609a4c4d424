import { pageRequest, toConnection } from '../../shared/connection.ts';
import { visiblePage } from '../../shared/visible-page.ts';
import type { CreatorResolvers } from '../generated/resolvers.ts';
import { visibleSpaces } from '../visibility.ts';

export const Creator: CreatorResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  spaces: async ({ id }, args, context) => {
    const list = `spaces of ${id}`;
    const request = pageRequest(list, args);
    const query = { edge: 'MEMBER_OF', direction: 'out', orderBy: 'since', order: 'desc' } as const;
    const page = await visiblePage(
      request,
      (next) => context.loaders.neighbours({ ...query, ...next }).load(id),
      (items) =>
        visibleSpaces(
          context,
          items.map((item) => item.id),
        ),
    );
    return toConnection(list, request, page, (space) => space);
  },
  invitations: async ({ id }, args, { viewer, store }) => {
    if (viewer.creatorId !== id) return null;
    const list = `invitations of ${id}`;
    const request = pageRequest(list, args);
    const where = { inviteeId: id, state: 'PENDING' };
    const page = await store.find({ type: 'Invitation', where, orderBy: 'sentAt', order: 'desc', ...request });
    return toConnection(list, request, page, (invitation) => invitation);
  },
};
