import type { DeclaredMetric } from '../../schema/metrics/metric.ts';
import type { AnswerEstimate } from '../../schema/telemetry/estimate.ts';
import type { Question } from '../../schema/telemetry/question.ts';
import type { Granularity } from './domain/periods.ts';

export type MetricMapper = DeclaredMetric;

export interface TrendMapper {
  readonly metric: DeclaredMetric;
  readonly granularity: Granularity;
  readonly series: readonly TrendSeriesMapper[];
}

export interface TrendSeriesMapper {
  readonly key: string;
  readonly points: readonly TrendPointMapper[];
}

export interface TrendPointMapper {
  readonly start: string;
  readonly end: string;
  readonly value: bigint;
  readonly low: bigint;
  readonly high: bigint;
  readonly level: number;
  readonly windows: number;
  readonly suppressed: boolean;
}

export type KeyTotalMapper = Omit<TrendPointMapper, 'start' | 'end'> & { readonly key: string };

export interface MetricBudgetMapper {
  readonly metric: DeclaredMetric;
  readonly charged: boolean;
}

export type TelemetryQuestionMapper = Question;

export interface TelemetryEstimateMapper {
  readonly question: Question;
  readonly reports: number;
  readonly answers: readonly AnswerEstimate[];
}

export type TelemetryAnswerMapper = AnswerEstimate;
