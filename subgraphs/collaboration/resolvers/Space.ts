import { pageRequest, toConnection } from '../../shared/connection.ts';
import { findConnection } from '../../shared/find-connection.ts';
import { visiblePage } from '../../shared/visible-page.ts';
import { maySeeInvitations } from '../domain/space.ts';
import type { SpaceResolvers } from '../generated/resolvers.ts';
import { viewerCanWatch, viewerRole, visibleSpace, visibleSpaces } from '../visibility.ts';

export const Space: SpaceResolvers = {
  __resolveReference: ({ id }, context) => visibleSpace(context, id),
  name: ({ props }) => props.name,
  kind: ({ props }) => props.kind,
  description: ({ props }) => props.description,
  capacity: ({ props }) => props.capacity,
  createdAt: ({ props }) => props.createdAt,
  memberCount: ({ id }, _args, { loaders }) => loaders.degree('MEMBER_OF', 'in').load(id),
  viewerRole: ({ id }, _args, context) => viewerRole(context, id),
  viewerCanWatch: (space, _args, context) => viewerCanWatch(context, space),

  parent: async ({ id }, _args, context) => {
    const query = { edge: 'PART_OF', direction: 'out', orderBy: 'since', order: 'asc', limit: 1 } as const;
    const [parent] = (await context.loaders.neighbours(query).load(id)).items;
    return parent === undefined ? null : visibleSpace(context, parent.id);
  },
  subspaces: async ({ id }, args, context) => {
    const list = `subspaces of ${id}`;
    const request = pageRequest(list, args);
    const query = { edge: 'PART_OF', direction: 'in', orderBy: 'since', order: 'asc' } as const;
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
  members: async (space, { first, after, role }, context) => {
    if (!(await viewerCanWatch(context, space))) return null;
    const list = `members of ${space.id}|${role ?? ''}`;
    const request = pageRequest(list, { first, after });
    const query = {
      edge: 'MEMBER_OF',
      direction: 'in',
      orderBy: 'since',
      order: 'asc',
      ...(role != null && { where: { role } }),
    } as const;
    const page = await context.loaders.neighbours({ ...query, ...request }).load(space.id);
    return toConnection(list, request, page, ({ id, edge }) => ({
      creatorId: id,
      role: edge.props.role,
      joinedAt: edge.props.since,
    }));
  },
  posts: async (space, args, context) => {
    if (!(await viewerCanWatch(context, space))) return null;
    const query = { type: 'Post', where: { spaceId: space.id }, orderBy: 'postedAt', order: 'desc' } as const;
    return findConnection(context.store, { list: `posts in ${space.id}`, ...query }, args);
  },
  invitations: async ({ id }, args, context) => {
    if (!maySeeInvitations(await viewerRole(context, id))) return null;
    const query = { type: 'Invitation', orderBy: 'sentAt', order: 'desc' } as const;
    const where = { spaceId: id, state: 'PENDING' };
    return findConnection(context.store, { list: `invitations into ${id}`, where, ...query }, args);
  },
};
