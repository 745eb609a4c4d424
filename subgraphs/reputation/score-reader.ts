import DataLoader from 'dataloader';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { dimensions } from '../../schema/graph/catalogue.ts';
import { tables } from '../../schema/warehouse/tables.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { type Score, type ScoreId, type ScoreRow, bandQuantiles, mayShow, scoreOfRow } from './domain/score.ts';

const batchMax = 500;
const columns = Object.keys(tables['platform.reputation_scores'].shape)
  .map((name) => (name === 'version' ? 'toFloat64(version) AS version' : name))
  .join(', ');

function readScores(warehouse: Warehouse, creatorIds: readonly string[]): Promise<readonly ScoreRow[]> {
  return warehouse.query<ScoreRow>(
    `SELECT ${columns} FROM platform.reputation_scores FINAL WHERE creator_id IN {creators:Array(String)}`,
    { creators: creatorIds },
  );
}

/** All scores of many creators in one query per request. */
function scoreLoader({ loaders, warehouse }: SubgraphContext): DataLoader<string, readonly Score[]> {
  const load = async (creatorIds: readonly string[]): Promise<Score[][]> => {
    const rows = Map.groupBy(await readScores(warehouse, creatorIds), (row) => row.creator_id);
    return creatorIds.map((id) => (rows.get(id) ?? []).flatMap((row) => scoreOfRow(row) ?? []));
  };
  return loaders.own('reputation scores', () => new DataLoader(load, { maxBatchSize: batchMax }));
}

/** A creator's scores that the viewer may see, in the order of the dimensions; null where there is no such creator. */
export async function visibleScores(context: SubgraphContext, creatorId: string): Promise<readonly Score[] | null> {
  const [creator, scores] = await Promise.all([
    context.loaders.node('Creator').load(creatorId),
    scoreLoader(context).load(creatorId),
  ]);
  if (creator === null) return null;
  const viewer = { creatorId: context.viewer.creatorId, publicMetrics: creator.props.publicMetrics };
  return scores
    .filter((score) => mayShow(score, viewer))
    .sort((a, b) => dimensions.indexOf(a.dimension) - dimensions.indexOf(b.dimension));
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

/** The scores of each dimension at {@link bandQuantiles}, over all creators. Once per request. */
export function bandThresholds({
  loaders,
  warehouse,
}: SubgraphContext): Promise<ReadonlyMap<string, readonly number[]>> {
  return loaders.own('reputation bands', async () => {
    const rows = await warehouse.query<{ dimension: string; thresholds: readonly number[] }>(
      `SELECT dimension, quantilesExact(${bandQuantiles.join(', ')})(score) AS thresholds
       FROM platform.reputation_scores FINAL WHERE evidence_count > 0 GROUP BY dimension`,
    );
    return new Map(rows.map(({ dimension, thresholds }) => [dimension, thresholds]));
  });
}
