import { isoFromWarehouse } from '../../../schema/warehouse/tables.ts';
import type { CreatorReputationResolvers } from '../generated/resolvers.ts';
import { pointsFor } from '../points-reader.ts';

export const CreatorReputation: CreatorReputationResolvers = {
  dimensions: ({ dimensions }, { only }) =>
    only == null ? dimensions : dimensions.filter(({ dimension }) => only.includes(dimension)),
  asOf: ({ dimensions }) => {
    const newest = dimensions
      .map(({ asOf }) => asOf)
      .sort()
      .at(-1);
    return newest === undefined ? null : isoFromWarehouse(newest);
  },
  points: ({ creatorId, asAt }, { formula }, context) => pointsFor(context, { creatorId, asAt }, formula),
  logOffset: ({ dimensions }) =>
    dimensions.length === 0 ? null : BigInt(Math.max(...dimensions.map(({ logOffset }) => logOffset))),
};
