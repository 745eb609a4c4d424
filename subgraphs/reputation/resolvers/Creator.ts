import { appealsOf } from '../appeal-reader.ts';
import type { CreatorResolvers } from '../generated/resolvers.ts';
import { pastInstant, visibleScores } from '../score-reader.ts';

export const Creator: CreatorResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  appeals: ({ id }, page, context) => appealsOf(context, id, page),
  reputation: async ({ id }, { asAt }, context) => ({
    creatorId: id,
    dimensions: (await visibleScores(context, id, pastInstant(asAt))) ?? [],
  }),
};
