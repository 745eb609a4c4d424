import { formula } from '../../../schema/reputation/formula.ts';
import { decayClock } from '../../../schema/reputation/freeze.ts';
import { hlcToIso } from '../../../schema/hlc.ts';
import { isoFromWarehouse, tables, warehouseInstant } from '../../../schema/warehouse/tables.ts';
import type { SubgraphContext } from '../../shared/context.ts';
import { badInput } from '../../shared/errors.ts';
import { expressionOf, prospectsOf } from '../domain/prospects.ts';
import { type Score, bandOf, formatScoreId, parseScoreId, scoreOfRow } from '../domain/score.ts';
import { readFreezes } from '../freeze-reader.ts';
import type { ReputationProspects, ReputationScoreResolvers } from '../generated/resolvers.ts';
import { historyPage } from '../history-reader.ts';
import { evidencePage, evidenceSums } from '../ledger-reader.ts';
import { bandThresholds, isVisible, visibleScore } from '../score-reader.ts';
import { supportOf } from '../support-reader.ts';

/** Where the score may go until an instant: now where none is given, and where the newest evidence is of later. */
async function outlook(context: SubgraphContext, score: Score, at: string | null): Promise<ReputationProspects> {
  const asOf = isoFromWarehouse(score.asOf);
  if (at !== null && (at < asOf || at >= '2290'))
    throw badInput(`at must not be before the score’s own time, ${asOf}, nor after 2289`, 'at');
  const nowIso = hlcToIso(context.clock.now());
  const instant = at ?? (nowIso > asOf ? nowIso : asOf);
  const decayMs = decayClock(await readFreezes(context, score.creatorId), Date.parse(instant));
  const sums = await evidenceSums(context, { ...score, decayAt: warehouseInstant(decayMs * 1000) });
  return { at: instant, ...prospectsOf(score.dimension, sums), formulaVersion: score.formulaVersion };
}

/** By id, or as the gateway has just read it from the log (`record`, see schema/live.ts). */
async function resolve(
  reference: { readonly id: string; readonly record?: unknown },
  context: SubgraphContext,
): Promise<Score | null> {
  const id = parseScoreId(reference.id);
  if (id === null) return null;
  if (typeof reference.record !== 'string') return visibleScore(context, id);
  const score = scoreOfRow(tables['platform.reputation_scores'].parse(JSON.parse(reference.record)));
  return score !== null && formatScoreId(score) === reference.id && (await isVisible(context, id)) ? score : null;
}

export const ReputationScore: ReputationScoreResolvers = {
  __resolveReference: (reference, context) => resolve(reference, context),
  id: (score) => formatScoreId(score),
  creator: ({ creatorId }) => ({ id: creatorId }),
  dimension: ({ dimension }) => dimension,
  score: ({ score }) => score,
  interval: ({ low, high }) => ({ level: formula.intervalLevel, low, high }),
  band: async ({ score, dimension, asAt }, _args, context) =>
    bandOf(score, (await bandThresholds(context, asAt)).get(dimension) ?? []),
  positive: ({ positive }) => positive,
  negative: ({ negative }) => negative,
  evidenceCount: ({ evidenceCount }) => evidenceCount,
  formulaVersion: ({ formulaVersion }) => formulaVersion,
  asOf: ({ asOf }) => isoFromWarehouse(asOf),
  evidence: (score, page, context) => evidencePage(context, score, page),
  explanationSumsTo: (score, _args, context) => evidenceSums(context, score),
  logOffset: ({ logOffset }) => BigInt(logOffset),
  explain: async (score, page, context) => {
    const [sumsTo, entries] = await Promise.all([evidenceSums(context, score), evidencePage(context, score, page)]);
    return {
      expression: expressionOf(score),
      score: score.score,
      positive: score.positive,
      negative: score.negative,
      sumsTo,
      formulaVersion: score.formulaVersion,
      logOffset: BigInt(score.logOffset),
      asOf: isoFromWarehouse(score.asOf),
      entries,
    };
  },
  history: (score, page, context) => historyPage(context, score, page),
  supportGraph: (score, { first }, context) => supportOf(context, score, first),
  whatWouldChange: (score, { at }, context) => outlook(context, score, at ?? null),
};
