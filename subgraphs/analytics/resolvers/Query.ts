import { metrics } from '../../../schema/metrics/catalogue.ts';
import { badInput } from '../../shared/errors.ts';
import type { QueryResolvers } from '../generated/resolvers.ts';
import { readTrend } from '../trend-reader.ts';

export const Query: QueryResolvers = {
  metrics: () => metrics,
  async trends(_root, { metric: id, keys, from, to, granularity }, { warehouse }) {
    const metric = metrics.find((known) => known.id === id);
    if (!metric) throw badInput(`metric must be one of ${metrics.map((known) => known.id).join(', ')}`, 'metric');
    const unknown = keys?.find((key) => !metric.keys.includes(key));
    if (unknown !== undefined) throw badInput(`keys: ${metric.id} has the keys ${metric.keys.join(', ')} only`, 'keys');
    if (from != null && to != null && from >= to) throw badInput('from must lie before to', 'from');
    const series = await readTrend(warehouse, {
      metric: id,
      keys: [...new Set(keys ?? metric.keys)],
      from: from ?? null,
      to: to ?? null,
      granularity,
    });
    return { metric, granularity, series };
  },
};
