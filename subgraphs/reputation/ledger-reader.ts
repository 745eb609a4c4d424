import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import DataLoader from 'dataloader';
import type { QueryParameter } from '../../engines/warehouse/port.ts';
import {
  type Connection,
  type PageArguments,
  type PageRequest,
  pageRequest,
  toConnection,
} from '../shared/connection.ts';
import { pointsSql } from '../../schema/reputation/points-sql.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { type LedgerRow, type ShownEvidence, presentEvidence } from './domain/evidence.ts';
import { type Score, formatScoreId } from './domain/score.ts';
import { boundsOf, byOrdinal, keysSql, ledgersOf } from './ledger-sql.ts';

const batchMax = 100;
/** How long to wait for a ledger that is behind its score, and how often to look. */
const behind = { waitMs: 2_000, lookMs: 50 } as const;

interface ListedRow extends LedgerRow {
  readonly ordinal: number;
}

/** Negative evidence is listed under its day; within a moment rows are ordered by a keyed hash, so that cursors tell no event. */
const listColumns = `
  toUInt32(ordinal) AS ordinal, event_id, rule, source_id, source_kind, weight, trust, counted, refusal, occurred_at, decay_at,
  if(weight < 0, toDateTime64(toStartOfDay(occurred_at), 3, 'UTC'), occurred_at) AS shown,
  toString(shown) AS shown_at,
  lower(hex(sipHash64Keyed((toUInt64({key0:UInt64}), toUInt64({key1:UInt64})), event_id, rule))) AS tag`;

/** A page of the ledger behind a score. Throws BAD_USER_INPUT naming the argument. */
export async function evidencePage(
  context: SubgraphContext,
  score: Score,
  page: PageArguments,
): Promise<Connection<ShownEvidence>> {
  const name = `evidence|${formatScoreId(score)}${score.asAt === null ? '' : `|${score.logOffset}`}`;
  const request = pageRequest(name, page);
  const found = await listLoader(context, request, score).load(score);
  const rows = found.slice(0, request.limit);
  const keysets = rows.map((row) => ({ value: row.shown_at, id: row.tag }));
  const items = { items: rows, keysets, hasMore: found.length > request.limit };
  return toConnection(name, request, items, (row) => presentEvidence(row, score.decayAt, formatScoreId(score)));
}

/** The same page of several scores in one query. */
function listLoader(
  context: SubgraphContext,
  request: PageRequest,
  { asAt }: Score,
): DataLoader<Score, readonly ListedRow[], string> {
  return ledgersLoader(context, { name: `evidence ${JSON.stringify(request)}`, asAt }, async (scores) => {
    const ledgers = ledgersOf(scores);
    const parameters: Record<string, QueryParameter> = {
      ...ledgers.parameters,
      ...cursorKey(context.masterKey),
      limit: request.limit + 1,
    };
    let sql = `SELECT ${listColumns} FROM ${ledgers.text}`;
    if (request.after) {
      // Newest first, ties by ascending tag.
      sql += ` WHERE shown_at < {afterTime:String} OR (shown_at = {afterTime:String} AND tag > {afterTag:String})`;
      parameters['afterTime'] = String(request.after.value);
      parameters['afterTag'] = request.after.id;
    }
    sql += ' ORDER BY ordinal, shown_at DESC, tag LIMIT {limit:UInt32} BY ordinal';
    return byOrdinal(scores, await context.warehouse.query<ListedRow>(sql, parameters));
  });
}

/** A loader over scores that are all newest or all of one past instant, made once per request. */
export function scoresLoader<R>(
  context: SubgraphContext,
  { name, asAt }: { readonly name: string; readonly asAt: string | null },
  load: (scores: readonly Score[]) => Promise<readonly R[]>,
): DataLoader<Score, R, string> {
  const cacheKeyFn = (score: Score): string => `${formatScoreId(score)} ${score.decayAt} ${score.logOffset}`;
  const make = (): DataLoader<Score, R, string> =>
    new DataLoader<Score, R, string>(load, { maxBatchSize: batchMax, cacheKeyFn });
  return context.loaders.own(`reputation ${asAt ?? ''} ${name}`, make);
}

/** A {@link scoresLoader} that reads ledgers: those of the scores' own places in the log. Rows of both come to the warehouse each in their own time, so it waits for what is on its way. */
export function ledgersLoader<R>(
  context: SubgraphContext,
  of: { readonly name: string; readonly asAt: string | null },
  load: (scores: readonly Score[]) => Promise<readonly R[]>,
): DataLoader<Score, R, string> {
  return scoresLoader(context, of, async (scores) => {
    await scoresLoader(context, { name: 'arrival', asAt: of.asAt }, (all) => arrival(context, all)).loadMany(scores);
    return load(scores);
  });
}

/** Whether the ledger of each score reaches as far in the log as the score was made from it, which ends the waiting. */
async function arrival({ warehouse }: SubgraphContext, scores: readonly Score[]): Promise<readonly boolean[]> {
  let missing = scores;
  for (let waitedMs = 0; ; waitedMs += behind.lookMs) {
    const { creators, dimensions } = boundsOf(missing).parameters;
    const rows = await warehouse.query<{ creator_id: string; dimension: Score['dimension']; newest: number }>(
      `SELECT creator_id, dimension, toFloat64(max(version)) AS newest FROM platform.reputation_evidence
       WHERE (creator_id, dimension) IN (${keysSql}) GROUP BY creator_id, dimension`,
      { creators, dimensions },
    );
    const newest = new Map(rows.map((row) => [formatScoreId({ ...row, creatorId: row.creator_id }), row.newest]));
    missing = missing.filter((score) => (newest.get(formatScoreId(score)) ?? 0) < score.ledgerOffset);
    if (missing.length === 0 || waitedMs >= behind.waitMs) return scores.map((score) => !missing.includes(score));
    await sleep(behind.lookMs);
  }
}

/** The key of pieces' tags. Without it nobody can tell which event a cursor or an id comes from. */
export function cursorKey(masterKey: Buffer): { key0: string; key1: string } {
  const digest = createHmac('sha256', masterKey).update('reputation cursors').digest();
  return { key0: digest.readBigUInt64LE(0).toString(), key1: digest.readBigUInt64LE(8).toString() };
}

export interface EvidenceSums {
  readonly positive: number;
  readonly negative: number;
}

/** What the whole ledger of a score adds up to at the score's time, computed by the warehouse. */
export function evidenceSums(context: SubgraphContext, score: Score): Promise<EvidenceSums> {
  return ledgersLoader(context, { name: 'sums', asAt: score.asAt }, async (scores): Promise<EvidenceSums[]> => {
    const ledgers = ledgersOf(scores);
    const rows = await context.warehouse.query<EvidenceSums & { readonly ordinal: number }>(
      `SELECT toUInt32(ordinal) AS ordinal, sumKahanIf(points, points > 0) AS positive, sumKahanIf(-points, points < 0) AS negative
       FROM (SELECT ordinal, ${pointsSql} AS points FROM ${ledgers.text})
       GROUP BY ordinal`,
      ledgers.parameters,
    );
    return byOrdinal(scores, rows).map(([sums]) => sums ?? { positive: 0, negative: 0 });
  }).load(score);
}
