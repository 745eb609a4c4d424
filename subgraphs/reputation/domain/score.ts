import { type Dimension, dimensions } from '../../../schema/graph/catalogue.ts';
import type { RowOf } from '../../../schema/warehouse/tables.ts';

/** A score as it stands in the warehouse. */
export type ScoreRow = RowOf<'platform.reputation_scores'>;

export interface ScoreId {
  readonly creatorId: string;
  readonly dimension: Dimension;
}

/** A score as resolvers see it. */
export interface Score extends ScoreId {
  readonly score: number;
  readonly low: number;
  readonly high: number;
  readonly positive: number;
  readonly negative: number;
  readonly evidenceCount: number;
  readonly formulaVersion: string;
  /** As the warehouse writes instants. */
  readonly asOf: string;
  /** Where the creator's clock of decay stood then, likewise. */
  readonly decayAt: string;
  /** When it became what it is, likewise. */
  readonly changedAt: string;
  /** The place in the log of evidence up to which it was computed. */
  readonly logOffset: number;
  /** The place of the newest piece of its ledger that it was computed from. */
  readonly ledgerOffset: number;
  /** The past instant at which it was asked for, as the warehouse writes instants; null for the newest one. */
  readonly asAt: string | null;
}

/** Null for a row without evidence that counts: all of it was withdrawn, so that nothing is known. */
export function scoreOfRow(row: ScoreRow, asAt: string | null = null): Score | null {
  if (row.evidence_count === 0) return null;
  return {
    creatorId: row.creator_id,
    dimension: row.dimension,
    score: row.score,
    low: row.low,
    high: row.high,
    positive: row.positive,
    negative: row.negative,
    evidenceCount: row.evidence_count,
    formulaVersion: row.formula_version,
    asOf: row.as_of,
    decayAt: row.decay_at ?? row.as_of,
    changedAt: row.changed_at ?? row.as_of,
    logOffset: row.version,
    ledgerOffset: row.ledger_version ?? row.version,
    asAt,
  };
}

/** `<creator's id>.<dimension>`. */
export function formatScoreId({ creatorId, dimension }: ScoreId): string {
  return `${creatorId}.${dimension}`;
}

/** Reads what {@link formatScoreId} wrote; null for anything else. */
export function parseScoreId(id: string): ScoreId | null {
  const dot = id.lastIndexOf('.');
  const dimension = dimensions.find((name) => name === id.slice(dot + 1));
  return dot < 1 || dimension === undefined ? null : { creatorId: id.slice(0, dot), dimension };
}

/** A dimension is for everybody when its creator shows it, and for themselves always. */
export function mayShow(
  score: ScoreId,
  viewer: { readonly creatorId: string | null; readonly publicMetrics: readonly string[] },
): boolean {
  return score.creatorId === viewer.creatorId || viewer.publicMetrics.includes(score.dimension);
}

export const bands = ['TOP_1', 'TOP_10', 'TOP_25', 'TOP_50', 'LOWER_50'] as const;
export type Band = (typeof bands)[number];
/** Quantiles of a dimension's scores above which the bands begin, in their order. */
export const bandQuantiles = [0.99, 0.9, 0.75, 0.5] as const;

/** The band of a score, given the scores at {@link bandQuantiles}. Strictly above, so that a crowd of equals is in no upper band. */
export function bandOf(score: number, thresholds: readonly number[]): Band {
  return bands[thresholds.findIndex((threshold) => score > threshold)] ?? 'LOWER_50';
}
