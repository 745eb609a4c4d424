import { metrics } from '../../../schema/metrics/catalogue.ts';
import { epsilonOf } from '../../../schema/metrics/epsilon.ts';
import { formatRational } from '../../../schema/metrics/rational.ts';
import { toldDelta } from '../budget-reader.ts';
import type { MetricResolvers } from '../generated/resolvers.ts';

export const Metric: MetricResolvers = {
  __resolveReference: ({ id }) => metrics.find((metric) => metric.id === id) ?? null,
  cellsPerAccountDay: ({ l0 }) => l0,
  contributionMax: ({ linf }) => linf,
  sigma2: ({ sigma2 }) => formatRational(sigma2),
  form: ({ quantiles, horizon }) => (quantiles ? 'QUANTILES' : horizon === undefined ? 'COUNTS' : 'RUNNING_TOTAL'),
  selectionDelta: ({ delta }) => formatRational(delta),
  rho: ({ rho }) => formatRational(rho),
  epsilon: ({ rho }) => epsilonOf(rho, toldDelta),
  delta: () => toldDelta,
};
