import type { Keyset } from '../../engines/graph-store/port.ts';
import type { Dimension } from '../../schema/graph/catalogue.ts';
import type { SubgraphContext } from '../shared/context.ts';

export interface Distribution {
  readonly dimension: Dimension;
  readonly creators: number;
  readonly bins: readonly { readonly low: number; readonly high: number; readonly creators: number }[];
  readonly isComplete: boolean;
}

const binsCount = 20;
const binWidth = 100 / binsCount;
const pageCreators = 1_000;
const pagesMax = 20;

/** Counts the scores of the creators who show the dimension, newest members first, up to a bound. */
export async function distributionOf(context: SubgraphContext, dimension: Dimension): Promise<Distribution> {
  const counts = Array.from({ length: binsCount }, () => 0);
  let after: Keyset | undefined;
  let hasMore = true;
  for (let page = 0; page < pagesMax && hasMore; page++) {
    const found = await context.store.find({
      type: 'Creator',
      where: { publicMetrics: dimension },
      orderBy: 'registeredAt',
      order: 'desc',
      limit: pageCreators,
      ...(after && { after }),
    });
    const counted = await countScores(
      context,
      dimension,
      found.items.map(({ id }) => id),
    );
    for (const { bin, creators } of counted) counts[bin] = (counts[bin] ?? 0) + creators;
    after = found.keysets.at(-1);
    hasMore = found.hasMore;
  }
  return {
    dimension,
    creators: counts.reduce((sum, count) => sum + count, 0),
    bins: counts.map((creators, bin) => ({ low: bin * binWidth, high: (bin + 1) * binWidth, creators })),
    isComplete: !hasMore,
  };
}

async function countScores(
  { warehouse }: SubgraphContext,
  dimension: Dimension,
  ids: readonly string[],
): Promise<readonly { bin: number; creators: number }[]> {
  if (ids.length === 0) return [];
  return warehouse.query<{ bin: number; creators: number }>(
    `SELECT toUInt8(least(${binsCount - 1}, floor(score / ${binWidth}))) AS bin, toUInt32(count()) AS creators
     FROM platform.reputation_scores FINAL
     WHERE dimension = {dimension:String} AND evidence_count > 0 AND creator_id IN {ids:Array(String)} GROUP BY bin`,
    { dimension, ids },
  );
}
