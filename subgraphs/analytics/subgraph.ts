import { type Subgraph, createSubgraph } from '../shared/subgraph.ts';
import type { Resolvers } from './generated/resolvers.ts';
import { Metric } from './resolvers/Metric.ts';
import { MetricBudget } from './resolvers/MetricBudget.ts';
import { Mutation } from './resolvers/Mutation.ts';
import { Query } from './resolvers/Query.ts';
import { TelemetryAnswer } from './resolvers/TelemetryAnswer.ts';
import { TelemetryQuestion } from './resolvers/TelemetryQuestion.ts';

/** What may be known about the community as a whole: differentially private releases, and nothing else. */
export function createAnalyticsSubgraph(): Subgraph {
  const resolvers: Resolvers = { Metric, MetricBudget, Mutation, Query, TelemetryAnswer, TelemetryQuestion };
  return createSubgraph('analytics', { ...resolvers });
}
