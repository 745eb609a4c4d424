import { type Subgraph, createSubgraph } from '../shared/subgraph.ts';
import type { Resolvers } from './generated/resolvers.ts';
import { Appeal } from './resolvers/Appeal.ts';
import { Badge } from './resolvers/Badge.ts';
import { Certificate } from './resolvers/Certificate.ts';
import { Creator } from './resolvers/Creator.ts';
import { CreatorReputation } from './resolvers/CreatorReputation.ts';
import { Mutation } from './resolvers/Mutation.ts';
import { Query } from './resolvers/Query.ts';
import { RatingDue } from './resolvers/RatingDue.ts';
import { ReputationPoint } from './resolvers/ReputationPoint.ts';
import { ReputationPoints } from './resolvers/ReputationPoints.ts';
import { ReputationScore } from './resolvers/ReputationScore.ts';
import { Subscription } from './resolvers/Subscription.ts';
import { TrustLevel } from './resolvers/TrustLevel.ts';

/** What others' acts say of creators: scores and the ledgers behind them, which `streams/reputation/` makes; and what creators may do about them. */
export function createReputationSubgraph(): Subgraph {
  const resolvers: Resolvers = {
    Appeal,
    Badge,
    Certificate,
    Creator,
    CreatorReputation,
    Mutation,
    Query,
    RatingDue,
    ReputationPoint,
    ReputationPoints,
    ReputationScore,
    Subscription,
    TrustLevel,
  };
  return createSubgraph('reputation', { ...resolvers });
}
