import { appealQueue } from '../appeal-reader.ts';
import { revocationList } from '../revocation-list.ts';
import { capabilities, levels } from '../../../schema/reputation/levels.ts';
import { seedGroup, seedTerm, servesInTerm } from '../../../schema/reputation/seeds.ts';
import { distributionOf } from '../distribution.ts';
import { publicJwk } from '../export-reputation.ts';
import type { QueryResolvers } from '../generated/resolvers.ts';
import { leaderboardOf } from '../leaderboard.ts';
import { pastInstant, visibleScores } from '../score-reader.ts';
import { trustLevelOf } from '../standing-reader.ts';

export const Query: QueryResolvers = {
  accessLevels: () =>
    levels.map((level, index) => ({
      ...level,
      level: index,
      capabilities: level.capabilities.map((name) => ({ name, ...capabilities[name] })),
    })),
  viewerTrustLevel: (_root, _args, context) =>
    context.viewer.creatorId === null ? null : trustLevelOf(context, context.viewer.creatorId),
  reputation: async (_root, { creatorId, asAt }, context) => {
    const past = pastInstant(asAt);
    const dimensions = await visibleScores(context, creatorId, past);
    return dimensions === null ? null : { creatorId, asAt: past, dimensions };
  },
  certificateStatusList: (_root, _args, context) => revocationList(context),
  reputationSigningKey: (_root, _args, { masterKey }) => publicJwk(masterKey),
  appealQueue: (_root, page, context) => appealQueue(context, page),
  reputationLeaderboard: (_root, { dimension }, context) => leaderboardOf(context, dimension),
  reputationSeeds: async (_root, _args, { reputationSeeds = [], seedTermMs, clock, loaders }) => {
    const term = seedTermMs ? seedTerm(clock.now().wallUs / 1000, seedTermMs) : null;
    const creators = await Promise.all(reputationSeeds.map((id) => loaders.node('Creator').load(id)));
    return creators.map((creator, at) => ({
      creator: creator && { id: creator.id },
      group: seedGroup(at) + 1,
      isServing: term === null || servesInTerm(at, term),
    }));
  },
  reputationDistribution: (_root, { dimension }, context) => distributionOf(context, dimension),
};
