import type { SubgraphContext } from '../shared/context.ts';
import { standingId } from '../shared/acceptance.ts';
import type { TrustLevelMapper } from './mappers.ts';

/** The level that stands for a creator, from the graph store: the last one decided, whatever is away. */
export async function trustLevelOf({ loaders }: SubgraphContext, creatorId: string): Promise<TrustLevelMapper> {
  const standing = await loaders.node('TrustStanding').load(standingId(creatorId));
  return { creatorId, standing: standing?.props ?? null };
}
