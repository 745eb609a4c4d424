import { pointsSql } from '../../schema/reputation/points-sql.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { badInput } from '../shared/errors.ts';
import { type Support, type SupportGraph, presentSupport } from './domain/support.ts';
import type { Score } from './domain/score.ts';
import { ledgersLoader } from './ledger-reader.ts';
import { byOrdinal, ledgersOf } from './ledger-sql.ts';

const supportersMax = 50;

/** Through whom a score's support comes. Negative evidence is not in it. Throws BAD_USER_INPUT naming the argument. */
export async function supportOf(context: SubgraphContext, score: Score, first: number): Promise<SupportGraph> {
  if (first < 1 || first > supportersMax) throw badInput(`first must be 1 to ${supportersMax}, not ${first}`, 'first');
  const loader = ledgersLoader(context, { name: 'support', asAt: score.asAt }, async (scores) => {
    const ledgers = ledgersOf(scores);
    // The strongest named ones lead; what they and all others hold is added up beside them.
    const rows = await context.warehouse.query<Support & { readonly ordinal: number }>(
      `SELECT toUInt32(ordinal) AS ordinal,
         arrayReverseSort(groupArray((points, source_id, source_kind = 'EXTERNAL', pieces))) AS all,
         arrayFilter(one -> NOT one.3, all) AS named,
         arraySlice(all, 1, ${supportersMax}) AS strongest,
         arrayMap(one -> one.1, arraySlice(named, 1, 2)) AS strongestNamed,
         toFloat64(arraySum(one -> one.1, all)) AS total,
         toFloat64(arraySum(one -> one.1, named)) AS namedTotal,
         toFloat64(arraySum(one -> one.1 * one.1, named)) AS namedSquares,
         toUInt32(length(named)) AS creatorCount,
         toUInt32(arrayFirstIndex(held -> held >= namedTotal / 2, arrayCumSum(one -> one.1, named))) AS halfThrough
       FROM (
         SELECT ordinal, source_id, source_kind, toFloat64(sum(${pointsSql})) AS points, toUInt32(count()) AS pieces
         FROM ${ledgers.text} WHERE counted > 0 GROUP BY ordinal, source_id, source_kind
       ) GROUP BY ordinal`,
      ledgers.parameters,
    );
    return byOrdinal(scores, rows).map(([support]) => support ?? null);
  });
  return presentSupport(await loader.load(score), first);
}
