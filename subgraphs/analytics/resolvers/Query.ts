import { metricById, metrics } from '../../../schema/metrics/catalogue.ts';
import type { DeclaredMetric } from '../../../schema/metrics/metric.ts';
import { estimateQuantiles } from '../../../schema/metrics/quantile-tree.ts';
import { questionById, questions } from '../../../schema/telemetry/questions.ts';
import { badInput } from '../../shared/errors.ts';
import { readBudget } from '../budget-reader.ts';
import { accumulate } from '../domain/accumulate.ts';
import { isDay } from '../domain/periods.ts';
import type { QueryResolvers } from '../generated/resolvers.ts';
import { readEstimate } from '../telemetry-reader.ts';
import type { Times } from '../times.ts';
import { readTotals, readTrend } from '../trend-reader.ts';

const topMax = 100;
const quantilesMax = 20;
const level = 0.95;

function metricOf(id: string): DeclaredMetric {
  const metric = metricById.get(id);
  if (!metric) throw badInput(`metric must be one of ${metrics.map((known) => known.id).join(', ')}`, 'metric');
  return metric;
}

function keysOf(metric: DeclaredMetric, keys: readonly string[] | null | undefined): readonly string[] | null {
  if (metric.keyVisibility === 'PRIVATE') return keys ? [...new Set(keys)] : null;
  const unknown = keys?.find((key) => !metric.keys.includes(key));
  if (unknown !== undefined) throw badInput(`keys: ${metric.id} has the keys ${metric.keys.join(', ')} only`, 'keys');
  return [...new Set(keys ?? metric.keys)];
}

interface TimeArguments {
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
}

function rangeOf({ from, to }: TimeArguments): Times {
  if (from != null && to != null && from >= to) throw badInput('from must lie before to', 'from');
  return { from: from ?? null, to: to ?? null };
}

function addable(metric: DeclaredMetric): DeclaredMetric {
  if (metric.horizon === undefined) return metric;
  throw badInput(
    `metric: ${metric.id} is released as running totals, which cannot be added: ask runningTotal`,
    'metric',
  );
}

export const Query: QueryResolvers = {
  metrics: () => metrics,
  async trends(_root, { metric: id, keys, granularity, ...times }, { warehouse }) {
    const metric = metricOf(id);
    const query = { metric, keys: keysOf(metric, keys), granularity, ...rangeOf(times) };
    return { metric, granularity, series: await readTrend(warehouse, query) };
  },
  async histogram(_root, { metric: id, ...times }, { warehouse }) {
    const metric = addable(metricOf(id));
    const totals = await readTotals(warehouse, { metric, keys: keysOf(metric, null), ...rangeOf(times) });
    const place = new Map(metric.keys.map((key, n) => [key, n]));
    return totals.toSorted((a, b) => (place.get(a.key) ?? 0) - (place.get(b.key) ?? 0));
  },
  async topKeys(_root, { metric: id, first, ...times }, { warehouse }) {
    if (first < 1 || first > topMax) throw badInput(`first must be 1 to ${topMax}`, 'first');
    const metric = addable(metricOf(id));
    const totals = await readTotals(warehouse, { metric, keys: keysOf(metric, null), ...rangeOf(times) });
    return totals.slice(0, first);
  },
  async runningTotal(_root, { metric: id, key, granularity, ...times }, { warehouse }) {
    const metric = metricOf(id);
    const query = { metric, keys: keysOf(metric, [key]), granularity, ...rangeOf(times) };
    const [series] = await readTrend(warehouse, query);
    const points = series?.points ?? [];
    return { key, points: metric.horizon === undefined ? accumulate(points) : points };
  },
  async quantiles(_root, { metric: id, at, ...times }, { warehouse }) {
    const metric = metricOf(id);
    const { quantiles: shape } = metric;
    if (!shape) throw badInput(`metric: ${id} is not released for quantiles`, 'metric');
    if (at.length > quantilesMax || at.some((q) => !(q >= 0 && q <= 1)))
      throw badInput(`at must be at most ${quantilesMax} numbers from 0 to 1`, 'at');
    const totals = await readTotals(warehouse, { metric, keys: metric.keys, ...rangeOf(times) });
    const counts = new Map(totals.map(({ key, value }) => [key, Number(value)]));
    const sigma2s = Array.from({ length: totals[0]?.windows ?? 1 }, () => metric.sigma2);
    return estimateQuantiles(shape, { counts, sigma2s }, { at, level }).map((estimate) => ({
      ...estimate,
      suppressed: false,
      unit: shape.unit,
    }));
  },
  privacyBudget(_root, { day }, { warehouse }) {
    if (day != null && !isDay(day)) throw badInput('day must be a day like 2018-03-12', 'day');
    return readBudget(warehouse, day ?? null);
  },
  telemetryQuestions: () => questions,
  telemetryEstimate(_root, { question: id, ...times }, { warehouse }) {
    const question = questionById.get(id);
    if (!question) throw badInput(`question must be one of ${[...questionById.keys()].join(', ')}`, 'question');
    return readEstimate(warehouse, question, rangeOf(times));
  },
};
