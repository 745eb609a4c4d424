import { type Subgraph, createSubgraph } from '../shared/subgraph.ts';
import type { Resolvers } from './generated/resolvers.ts';
import { Creator } from './resolvers/Creator.ts';
import { CreatorReputation } from './resolvers/CreatorReputation.ts';
import { Query } from './resolvers/Query.ts';
import { ReputationScore } from './resolvers/ReputationScore.ts';
import { Subscription } from './resolvers/Subscription.ts';

/** What others' acts say of creators: scores and the ledgers behind them. Read only; `streams/reputation/` makes them. */
export function createReputationSubgraph(): Subgraph {
  const resolvers: Resolvers = { Creator, CreatorReputation, Query, ReputationScore, Subscription };
  return createSubgraph('reputation', { ...resolvers });
}
