import { type Connection, type PageArguments, pageRequest, toConnection } from '../shared/connection.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { type Score, type ScoreRow, formatScoreId, scoreOfRow } from './domain/score.ts';
import { scoresLoader } from './ledger-reader.ts';
import { boundsOf, byOrdinal, scoreColumns } from './ledger-sql.ts';

type DayRow = ScoreRow & { readonly ordinal: number; readonly day: string };

/** The last score of each day on which it changed, newest first, up to the score itself. Throws BAD_USER_INPUT naming the argument. */
export async function historyPage(
  context: SubgraphContext,
  score: Score,
  page: PageArguments,
): Promise<Connection<Score>> {
  const name = `history|${formatScoreId(score)}`;
  const request = pageRequest(name, page);
  const before = request.after === undefined ? '9999-12-31' : String(request.after.value);
  const loader = scoresLoader(
    context,
    { name: `history ${JSON.stringify(request)}`, asAt: score.asAt },
    async (scores) => {
      const bounds = boundsOf(scores);
      const rows = await context.warehouse.query<DayRow>(
        `SELECT toUInt32(ordinal) AS ordinal, day, ${scoreColumns} FROM (
           SELECT past.*, ordinal, toString(toDate(past.changed_at)) AS day
           FROM (SELECT * FROM platform.reputation_score_history WHERE creator_id IN {creators:Array(String)}) AS past
           INNER JOIN ${bounds.text} AS bounds USING (creator_id, dimension)
           WHERE version <= upto AND evidence_count > 0 AND day < {before:String}
           ORDER BY version DESC LIMIT 1 BY ordinal, day
         ) ORDER BY ordinal, day DESC LIMIT {limit:UInt32} BY ordinal`,
        { ...bounds.parameters, before, limit: request.limit + 1 },
      );
      return byOrdinal(scores, rows);
    },
  );
  const found = await loader.load(score);
  const rows = found.slice(0, request.limit);
  const keysets = rows.map(({ day }) => ({ value: day, id: '' }));
  const items = rows.flatMap((row) => scoreOfRow(row) ?? []);
  return toConnection(name, request, { items, keysets, hasMore: found.length > request.limit }, (point) => point);
}
