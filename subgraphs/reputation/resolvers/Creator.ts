import { appealsOf } from '../appeal-reader.ts';
import { certificatesOf } from '../certificate-reader.ts';
import { standingId } from '../commands/standings.ts';
import { exportReputation } from '../export-reputation.ts';
import type { CreatorResolvers } from '../generated/resolvers.ts';
import { pastInstant, visibleScores } from '../score-reader.ts';

export const Creator: CreatorResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  trustLevel: async ({ id }, _args, { loaders }) => {
    const standing = await loaders.node('TrustStanding').load(standingId(id));
    return { creatorId: id, standing: standing?.props ?? null };
  },
  certificates: ({ id }, page, context) => certificatesOf(context, id, page),
  exportReputation: ({ id }, _args, context) => exportReputation(context, id),
  appeals: ({ id }, page, context) => appealsOf(context, id, page),
  reputation: async ({ id }, { asAt }, context) => ({
    creatorId: id,
    dimensions: (await visibleScores(context, id, pastInstant(asAt))) ?? [],
  }),
};
