import { appealsOf } from '../appeal-reader.ts';
import { badgesOf } from '../badge-reader.ts';
import { certificatesOf } from '../certificate-reader.ts';
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
  certificates: ({ id }, page, context) => certificatesOf(context, id, page),
  exportReputation: ({ id }, _args, context) => exportReputation(context, id),
  appeals: ({ id }, page, context) => appealsOf(context, id, page),
  reputation: async ({ id }, { asAt }, context) => ({
    creatorId: id,
    dimensions: (await visibleScores(context, id, pastInstant(asAt))) ?? [],
  }),
};
