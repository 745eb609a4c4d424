import { metrics } from '../../../schema/metrics/catalogue.ts';
import { epsilonOf } from '../../../schema/metrics/epsilon.ts';
import { formatRational } from '../../../schema/metrics/rational.ts';
import type { MetricResolvers } from '../generated/resolvers.ts';

/** The delta at which privacy loss is told. */
const delta = 1e-9;

export const Metric: MetricResolvers = {
  __resolveReference: ({ id }) => metrics.find((metric) => metric.id === id) ?? null,
  cellsPerAccountDay: ({ l0 }) => l0,
  contributionMax: ({ linf }) => linf,
  sigma2: ({ sigma2 }) => formatRational(sigma2),
  rho: ({ rho }) => formatRational(rho),
  epsilon: ({ rho }) => epsilonOf(rho, delta),
  delta: () => delta,
};
