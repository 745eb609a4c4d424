import DataLoader from 'dataloader';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { dimensions } from '../../schema/graph/catalogue.ts';
import { warehouseInstant } from '../../schema/warehouse/tables.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { badInput } from '../shared/errors.ts';
import { type Score, type ScoreId, type ScoreRow, bandQuantiles, mayShow, scoreOfRow } from './domain/score.ts';
import { scoreColumns } from './ledger-sql.ts';

const batchMax = 500;

/** The newest scores, or those that were the newest at an instant. */
function readScores(
  warehouse: Warehouse,
  creators: readonly string[],
  asAt: string | null,
): Promise<readonly ScoreRow[]> {
  if (asAt === null)
    return warehouse.query<ScoreRow>(
      `SELECT ${scoreColumns} FROM platform.reputation_scores FINAL WHERE creator_id IN {creators:Array(String)}`,
      { creators },
    );
  return warehouse.query<ScoreRow>(
    `SELECT ${scoreColumns} FROM (
       SELECT * FROM platform.reputation_score_history
       WHERE creator_id IN {creators:Array(String)} AND changed_at <= {asAt:DateTime64(3, 'UTC')}
       ORDER BY version DESC LIMIT 1 BY creator_id, dimension
     )`,
    { creators, asAt },
  );
}

/** All scores of many creators in one query per request and instant. */
function scoreLoader(
  { loaders, warehouse }: SubgraphContext,
  asAt: string | null,
): DataLoader<string, readonly Score[]> {
  const load = async (creatorIds: readonly string[]): Promise<Score[][]> => {
    const rows = Map.groupBy(await readScores(warehouse, creatorIds, asAt), (row) => row.creator_id);
    return creatorIds.map((id) => (rows.get(id) ?? []).flatMap((row) => scoreOfRow(row, asAt) ?? []));
  };
  return loaders.own(`reputation scores ${asAt ?? ''}`, () => new DataLoader(load, { maxBatchSize: batchMax }));
}

/**
 * A creator's scores that the viewer may see, in the order of the dimensions; null where there is no such creator. `asAt` as the
 * warehouse writes instants.
 */
export async function visibleScores(
  context: SubgraphContext,
  creatorId: string,
  asAt: string | null = null,
): Promise<readonly Score[] | null> {
  const [creator, scores] = await Promise.all([
    context.loaders.node('Creator').load(creatorId),
    scoreLoader(context, asAt).load(creatorId),
  ]);
  if (creator === null) return null;
  const viewer = { creatorId: context.viewer.creatorId, publicMetrics: creator.props.publicMetrics };
  return scores
    .filter((score) => mayShow(score, viewer))
    .sort((a, b) => dimensions.indexOf(a.dimension) - dimensions.indexOf(b.dimension));
}

/** An `asAt` argument as the warehouse writes instants; null for the newest. Throws BAD_USER_INPUT for what the warehouse has no place for. */
export function pastInstant(asAt: string | null | undefined): string | null {
  if (asAt == null) return null;
  if (asAt < '1970' || asAt >= '2290') throw badInput('asAt must be between 1970 and 2290', 'asAt');
  return warehouseInstant(Date.parse(asAt) * 1000);
}

/** Null where there is no such score, and where it is not for the viewer. */
export async function visibleScore(context: SubgraphContext, { creatorId, dimension }: ScoreId): Promise<Score | null> {
  return (await visibleScores(context, creatorId))?.find((score) => score.dimension === dimension) ?? null;
}

/** Whether the viewer may see a dimension of a creator; false where there is no such creator. */
export async function isVisible(context: SubgraphContext, score: ScoreId): Promise<boolean> {
  const creator = await context.loaders.node('Creator').load(score.creatorId);
  if (creator === null) return false;
  return mayShow(score, { creatorId: context.viewer.creatorId, publicMetrics: creator.props.publicMetrics });
}

/** The scores of each dimension at {@link bandQuantiles}, over all creators, now or at an instant. Once per request and instant. */
export function bandThresholds(
  { loaders, warehouse }: SubgraphContext,
  asAt: string | null,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const scores =
    asAt === null
      ? 'platform.reputation_scores FINAL'
      : `(SELECT * FROM platform.reputation_score_history WHERE changed_at <= {asAt:DateTime64(3, 'UTC')}
          ORDER BY version DESC LIMIT 1 BY creator_id, dimension)`;
  return loaders.own(`reputation bands ${asAt ?? ''}`, async () => {
    const rows = await warehouse.query<{ dimension: string; thresholds: readonly number[] }>(
      `SELECT dimension, quantilesExact(${bandQuantiles.join(', ')})(score) AS thresholds
       FROM ${scores} WHERE evidence_count > 0 GROUP BY dimension`,
      asAt === null ? {} : { asAt },
    );
    return new Map(rows.map(({ dimension, thresholds }) => [dimension, thresholds]));
  });
}
