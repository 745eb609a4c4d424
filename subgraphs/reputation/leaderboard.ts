import type { Dimension } from '../../schema/graph/catalogue.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { type Band, type Score, bandOf, bands } from './domain/score.ts';
import { bandThresholds, visibleScore } from './score-reader.ts';

/** Of those who asked, the ones who asked last are looked at. */
const askedMax = 1_000;
const listedMax = 100;

export interface Leaderboard {
  readonly dimension: Dimension;
  readonly bands: readonly {
    readonly band: Band;
    readonly creators: readonly { readonly id: string }[];
    readonly creatorCount: number;
  }[];
  readonly formulaVersions: readonly string[];
  readonly logOffset: bigint | null;
}

/** Who asked to be in a dimension's leaderboard and shows the dimension to everybody, by bands; within one by name. */
export async function leaderboardOf(context: SubgraphContext, dimension: Dimension): Promise<Leaderboard> {
  const asked = await context.store.find({
    type: 'ReputationSettings',
    where: { leaderboards: dimension },
    orderBy: 'changedAt',
    order: 'desc',
    limit: askedMax,
  });
  const listed = await Promise.all(asked.items.map(({ props }) => listing(context, props.creatorId, dimension)));
  const shown = listed.flatMap((one) => one ?? []).sort((a, b) => (a.username < b.username ? -1 : 1));
  const thresholds = (await bandThresholds(context, null)).get(dimension) ?? [];
  const byBand = Map.groupBy(shown, ({ score }) => bandOf(score.score, thresholds));
  return {
    dimension,
    bands: bands.flatMap((band) => {
      const members = byBand.get(band) ?? [];
      if (members.length === 0) return [];
      const creators = members.slice(0, listedMax).map(({ score }) => ({ id: score.creatorId }));
      return [{ band, creators, creatorCount: members.length }];
    }),
    formulaVersions: [...new Set(shown.map(({ score }) => score.formulaVersion))].sort(),
    logOffset: shown.length === 0 ? null : BigInt(Math.max(...shown.map(({ score }) => score.logOffset))),
  };
}

/** Null for whoever hides the dimension, has left, or has no score: as if they had not asked. */
async function listing(
  context: SubgraphContext,
  creatorId: string,
  dimension: Dimension,
): Promise<{ readonly username: string; readonly score: Score } | null> {
  const [creator, score] = await Promise.all([
    context.loaders.node('Creator').load(creatorId),
    visibleScore(context, { creatorId, dimension }),
  ]);
  if (creator === null || score === null) return null;
  const { publicMetrics, state, username } = creator.props;
  const isThere = state !== 'ARCHIVED' && state !== 'MIGRATED';
  return isThere && publicMetrics.includes(dimension) ? { username, score } : null;
}
