import { formula } from '../../../schema/reputation/formula.ts';
import { isoFromWarehouse, tables } from '../../../schema/warehouse/tables.ts';
import type { SubgraphContext } from '../../shared/context.ts';
import { type Score, bandOf, formatScoreId, parseScoreId, scoreOfRow } from '../domain/score.ts';
import type { ReputationScoreResolvers } from '../generated/resolvers.ts';
import { evidencePage, evidenceSums } from '../ledger-reader.ts';
import { bandThresholds, isVisible, visibleScore } from '../score-reader.ts';

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
  band: async ({ score, dimension }, _args, context) =>
    bandOf(score, (await bandThresholds(context)).get(dimension) ?? []),
  positive: ({ positive }) => positive,
  negative: ({ negative }) => negative,
  evidenceCount: ({ evidenceCount }) => evidenceCount,
  formulaVersion: ({ formulaVersion }) => formulaVersion,
  asOf: ({ asOf }) => isoFromWarehouse(asOf),
  evidence: (score, page, context) => evidencePage(context, score, page),
  explanationSumsTo: (score, _args, context) => evidenceSums(context, score),
};
