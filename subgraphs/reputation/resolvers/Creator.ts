import { findConnection } from '../../shared/find-connection.ts';
import { badgesOf } from '../badge-reader.ts';
import { exportReputation } from '../export-reputation.ts';
import { readFreezes, shownFreeze } from '../freeze-reader.ts';
import type { CreatorResolvers } from '../generated/resolvers.ts';
import { pastInstant, visibleScores } from '../score-reader.ts';
import { trustLevelOf } from '../standing-reader.ts';

export const Creator: CreatorResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  trustLevel: ({ id }, _args, context) => trustLevelOf(context, id),
  reputationFreezes: async ({ id }, _args, context) =>
    context.viewer.creatorId === id ? (await readFreezes(context, id)).map(shownFreeze) : null,
  badges: ({ id }, page, context) => badgesOf(context, id, page),
  certificates: ({ id }, page, { store }) =>
    findConnection(
      store,
      { list: `certificates|${id}`, type: 'Certificate', where: { holderId: id }, orderBy: 'issuedAt', order: 'desc' },
      page,
    ),
  ratingsDue: ({ id }, page, { viewer, store }) => {
    if (viewer.creatorId !== id) return null;
    const query = { type: 'CollaborationRound', orderBy: 'dueAt', order: 'asc' } as const;
    return findConnection(store, { list: `ratings due|${id}`, where: { partnerId: id, isOpen: 1 }, ...query }, page);
  },
  exportReputation: ({ id }, _args, context) => exportReputation(context, id),
  appeals: ({ id }, page, { viewer, store }) => {
    if (viewer.creatorId !== id) return null;
    const list = `appeals|${id}`;
    return findConnection(
      store,
      { list, type: 'Appeal', where: { creatorId: id }, orderBy: 'openedAt', order: 'desc' },
      page,
    );
  },
  reputation: async ({ id }, { asAt }, context) => {
    const past = pastInstant(asAt);
    return { creatorId: id, asAt: past, dimensions: (await visibleScores(context, id, past)) ?? [] };
  },
};
