import { costOf } from '../budget-reader.ts';
import type { MetricBudgetResolvers } from '../generated/resolvers.ts';

export const MetricBudget: MetricBudgetResolvers = {
  cost: ({ metric }) => costOf(metric.rho),
};
