import type { QueryParameter } from '../../engines/warehouse/port.ts';
import { tables } from '../../schema/warehouse/tables.ts';
import type { Score } from './domain/score.ts';

/** The columns of a score, versions as numbers. */
export const scoreColumns = Object.keys(tables['platform.reputation_scores'].shape)
  .map((name) => (name === 'version' || name === 'ledger_version' ? `toFloat64(${name}) AS ${name}` : name))
  .join(', ');

export interface Sql {
  readonly text: string;
  readonly parameters: Readonly<Record<string, QueryParameter>>;
}

/** Names and dimensions of the scores asked for, of the parameters that {@link boundsOf} gives. */
export const keysSql = 'SELECT arrayJoin(arrayZip({creators:Array(String)}, {dimensions:Array(String)}))';
const boundsText = `
  (SELECT asked.1 AS creator_id, asked.2 AS dimension, toDateTime64(asked.3, 3, 'UTC') AS decay_until, asked.4 AS upto, asked.5 AS ordinal
   FROM (SELECT arrayJoin(arrayZip({creators:Array(String)}, {dimensions:Array(String)}, {instants:Array(String)}, {versions:Array(UInt64)},
     arrayEnumerate({creators:Array(String)}))) AS asked))`;

/** The scores asked for as a table: `creator_id, dimension, decay_until, upto` (their place in the log) and `ordinal`, from 1. */
export function boundsOf(scores: readonly Score[]) {
  return {
    text: boundsText,
    parameters: {
      creators: scores.map(({ creatorId }) => creatorId),
      dimensions: scores.map(({ dimension }) => dimension),
      instants: scores.map(({ decayAt }) => decayAt),
      versions: scores.map(({ logOffset }) => logOffset),
    },
  } satisfies Sql;
}

/**
 * The pieces of the scores asked for, as they stood where each was computed, with their score's `decay_until` and `ordinal`. Of the newest scores, too: while one is read, what comes
 * next may be in the ledger already. What has come since and counts nothing moved no score: of the newest scores it is there as well, with its reason.
 */
export function ledgersOf(scores: readonly Score[]): Sql {
  const bounds = boundsOf(scores);
  const orLater = scores[0]?.asAt == null ? 'OR counted = 0' : '';
  return {
    text: `(SELECT pieces.*, bounds.decay_until AS decay_until, bounds.ordinal AS ordinal
      FROM (SELECT * FROM platform.reputation_evidence_history WHERE (creator_id, dimension) IN (${keysSql})) AS pieces
      INNER JOIN ${bounds.text} AS bounds USING (creator_id, dimension)
      WHERE version <= upto ${orLater} ORDER BY version <= upto DESC, version DESC LIMIT 1 BY ordinal, event_id, rule)`,
    parameters: bounds.parameters,
  };
}

/** Rows by the `ordinal` of their score, in the order of the scores. */
export function byOrdinal<R extends { readonly ordinal: number }>(
  scores: readonly Score[],
  rows: readonly R[],
): readonly (readonly R[])[] {
  const grouped = Map.groupBy(rows, ({ ordinal }) => ordinal);
  return scores.map((_, index) => grouped.get(index + 1) ?? []);
}
