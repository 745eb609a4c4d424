import { badInput } from '../../shared/errors.ts';
import type { CreatorResolvers } from '../generated/resolvers.ts';
import { type RelationshipList, listRelationships } from '../relationship-list.ts';
import { recommendedTo } from '../recommendations.ts';
import { wayBetween } from '../way.ts';

const recommendationsMax = 50;

const lists = {
  followers: { edge: 'FOLLOWS', direction: 'in', orderBy: 'since' } satisfies RelationshipList<'FOLLOWS'>,
  following: { edge: 'FOLLOWS', direction: 'out', orderBy: 'since' } satisfies RelationshipList<'FOLLOWS'>,
  collaborators: {
    edge: 'COLLABORATES_WITH',
    direction: 'both',
    orderBy: 'weight',
  } satisfies RelationshipList<'COLLABORATES_WITH'>,
  mentors: { edge: 'MENTORS', direction: 'in', orderBy: 'since' } satisfies RelationshipList<'MENTORS'>,
  mentees: { edge: 'MENTORS', direction: 'out', orderBy: 'since' } satisfies RelationshipList<'MENTORS'>,
  endorsements: { edge: 'ENDORSES', direction: 'in', orderBy: 'since' } satisfies RelationshipList<'ENDORSES'>,
  blocked: { edge: 'BLOCKS', direction: 'out', orderBy: 'since' } satisfies RelationshipList<'BLOCKS'>,
} as const;

export const Creator: CreatorResolvers = {
  __resolveReference: async ({ id }, { loaders }) => loaders.node('Creator').load(id),
  followers: ({ id }, args, context) => listRelationships(context, id, lists.followers, args),
  following: ({ id }, args, context) => listRelationships(context, id, lists.following, args),
  followerCount: ({ id }, _args, { loaders }) => loaders.degree('FOLLOWS', 'in').load(id),
  followingCount: ({ id }, _args, { loaders }) => loaders.degree('FOLLOWS', 'out').load(id),
  collaborators: ({ id }, args, context) => listRelationships(context, id, lists.collaborators, args),
  mentors: ({ id }, args, context) => listRelationships(context, id, lists.mentors, args),
  mentees: ({ id }, args, context) => listRelationships(context, id, lists.mentees, args),
  endorsements: ({ id }, args, context) => listRelationships(context, id, lists.endorsements, args),
  blocked: ({ id }, args, context) =>
    id === context.viewer.creatorId ? listRelationships(context, id, lists.blocked, args) : null,

  viewerFollows: async ({ id }, _args, { viewer, loaders }) =>
    viewer.creatorId !== null && (await loaders.edge('FOLLOWS').load({ from: viewer.creatorId, to: id })) !== null,
  viewerBlocks: async ({ id }, _args, { viewer, loaders }) =>
    viewer.creatorId !== null && (await loaders.edge('BLOCKS').load({ from: viewer.creatorId, to: id })) !== null,

  degreesOfSeparation: async ({ id }, { to, maxDepth }, context) => {
    const way = await wayBetween(context, { from: id, to, maxDepth });
    return way === null ? null : way.length - 1;
  },
  pathTo: ({ id }, { to, maxDepth }, context) => wayBetween(context, { from: id, to, maxDepth }),

  recommendedCollaborators: ({ id }, { first }, context) => {
    if (first < 1 || first > recommendationsMax)
      throw badInput(`first must be 1 to ${recommendationsMax}, not ${first}`, 'first');
    return recommendedTo(context, id, first);
  },
};
