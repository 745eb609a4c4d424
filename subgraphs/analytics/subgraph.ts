import { type Subgraph, createSubgraph } from '../shared/subgraph.ts';
import type { Resolvers } from './generated/resolvers.ts';
import { Metric } from './resolvers/Metric.ts';
import { MetricBudget } from './resolvers/MetricBudget.ts';
import { Query } from './resolvers/Query.ts';

/** What may be known about the community as a whole: differentially private releases, and nothing else. */
export function createAnalyticsSubgraph(): Subgraph {
  const resolvers: Resolvers = { Metric, MetricBudget, Query };
  return createSubgraph('analytics', { ...resolvers });
}
