import { createHmac } from 'node:crypto';
import DataLoader from 'dataloader';
import type { QueryParameter } from '../../engines/warehouse/port.ts';
import { formula } from '../../schema/reputation/formula.ts';
import {
  type Connection,
  type PageArguments,
  type PageRequest,
  pageRequest,
  toConnection,
} from '../shared/connection.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { type LedgerRow, type ShownEvidence, presentEvidence } from './domain/evidence.ts';
import { type Score, formatScoreId } from './domain/score.ts';

const batchMax = 100;

interface ListedRow extends LedgerRow {
  readonly creator_id: string;
  readonly dimension: string;
}

const keyOf = (row: { creator_id: string; dimension: string }): string => `${row.creator_id}.${row.dimension}`;

/** Negative evidence is listed under its day; within a moment rows are ordered by a keyed hash, so that cursors tell no event. */
const listSql = `
  SELECT creator_id, dimension, event_id, rule, source_id, source_kind, weight, trust, counted, refusal, occurred_at,
    if(weight < 0, toDateTime64(toStartOfDay(occurred_at), 3, 'UTC'), occurred_at) AS shown,
    toString(shown) AS shown_at,
    lower(hex(sipHash64Keyed((toUInt64({key0:UInt64}), toUInt64({key1:UInt64})), event_id, rule))) AS tag
  FROM platform.reputation_evidence FINAL
  WHERE (creator_id, dimension) IN (SELECT arrayJoin(arrayZip({creators:Array(String)}, {dimensions:Array(String)})))`;

/** A page of the ledger behind a score. Throws BAD_USER_INPUT naming the argument. */
export async function evidencePage(
  context: SubgraphContext,
  score: Score,
  page: PageArguments,
): Promise<Connection<ShownEvidence>> {
  const name = `evidence|${formatScoreId(score)}`;
  const request = pageRequest(name, page);
  const found = await listLoader(context, request).load(score);
  const rows = found.slice(0, request.limit);
  const keysets = rows.map((row) => ({ value: row.shown_at, id: row.tag }));
  const items = { items: rows, keysets, hasMore: found.length > request.limit };
  return toConnection(name, request, items, (row) => presentEvidence(row, score.asOf));
}

/** The same page of several scores in one query. */
function listLoader(context: SubgraphContext, request: PageRequest): DataLoader<Score, readonly ListedRow[], string> {
  const load = async (scores: readonly Score[]): Promise<ListedRow[][]> => {
    const parameters: Record<string, QueryParameter> = {
      ...scoresIn(scores),
      ...cursorKey(context.masterKey),
      limit: request.limit + 1,
    };
    let sql = listSql;
    if (request.after) {
      // Newest first, ties by ascending tag.
      sql += ` AND (shown_at < {afterTime:String} OR (shown_at = {afterTime:String} AND tag > {afterTag:String}))`;
      parameters['afterTime'] = String(request.after.value);
      parameters['afterTag'] = request.after.id;
    }
    sql += ' ORDER BY creator_id, dimension, shown_at DESC, tag LIMIT {limit:UInt32} BY creator_id, dimension';
    const rows = Map.groupBy(await context.warehouse.query<ListedRow>(sql, parameters), keyOf);
    return scores.map((score) => rows.get(formatScoreId(score)) ?? []);
  };
  const make = (): DataLoader<Score, readonly ListedRow[], string> =>
    new DataLoader<Score, readonly ListedRow[], string>(load, { maxBatchSize: batchMax, cacheKeyFn: formatScoreId });
  return context.loaders.own(`reputation evidence ${JSON.stringify(request)}`, make);
}

function scoresIn(scores: readonly Score[]): { creators: string[]; dimensions: string[] } {
  return { creators: scores.map(({ creatorId }) => creatorId), dimensions: scores.map(({ dimension }) => dimension) };
}

/** Without the key nobody can tell which event a cursor comes from. */
function cursorKey(masterKey: Buffer): { key0: string; key1: string } {
  const digest = createHmac('sha256', masterKey).update('reputation cursors').digest();
  return { key0: digest.readBigUInt64LE(0).toString(), key1: digest.readBigUInt64LE(8).toString() };
}

export interface EvidenceSums {
  readonly positive: number;
  readonly negative: number;
}

const decaySql = formula.halfLives
  .map(({ ms, share }) => `${share} * exp2(-greatest(0, dateDiff('millisecond', occurred_at, as_of)) / ${ms})`)
  .join(' + ');

/** What the whole ledger of a score adds up to at the score's time, computed by the warehouse. */
export function evidenceSums(context: SubgraphContext, score: Score): Promise<EvidenceSums> {
  const load = async (scores: readonly Score[]): Promise<EvidenceSums[]> => {
    const rows = await context.warehouse.query<EvidenceSums & { creator_id: string; dimension: string }>(
      `SELECT creator_id, dimension, sumKahanIf(points, points > 0) AS positive, sumKahanIf(-points, points < 0) AS negative
       FROM (
         SELECT creator_id, dimension, counted * (${decaySql}) AS points
         FROM (SELECT * FROM platform.reputation_evidence FINAL WHERE creator_id IN {creators:Array(String)}) AS ledger
         INNER JOIN (
           SELECT asked.1 AS creator_id, asked.2 AS dimension, toDateTime64(asked.3, 3, 'UTC') AS as_of
           FROM (SELECT arrayJoin(arrayZip({creators:Array(String)}, {dimensions:Array(String)}, {instants:Array(String)})) AS asked)
         ) AS scores USING (creator_id, dimension)
       )
       GROUP BY creator_id, dimension`,
      { ...scoresIn(scores), instants: scores.map(({ asOf }) => asOf) },
    );
    const byScore = new Map(rows.map((row) => [keyOf(row), row]));
    return scores.map((one) => byScore.get(formatScoreId(one)) ?? { positive: 0, negative: 0 });
  };
  const make = (): DataLoader<Score, EvidenceSums, string> =>
    new DataLoader<Score, EvidenceSums, string>(load, {
      maxBatchSize: batchMax,
      cacheKeyFn: (one) => `${formatScoreId(one)} ${one.asOf}`,
    });
  return context.loaders.own('reputation sums', make).load(score);
}
