import { stackExchange2018 } from '../../../schema/reputation/stackexchange-2018.ts';
import type { ReputationPointsResolvers } from '../generated/resolvers.ts';
import { pointsPage } from '../points-reader.ts';

export const ReputationPoints: ReputationPointsResolvers = {
  formula: () => stackExchange2018,
  points: ({ replay }) => replay.points,
  entries: ({ creatorId, replay }, page) => pointsPage(creatorId, replay, page),
};
