import type { EdgeType } from '../../schema/graph/catalogue.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { badInput } from '../shared/errors.ts';

/** What counts as knowing each other, whoever began it. */
const acquaintance: readonly EdgeType[] = ['FOLLOWS', 'COLLABORATES_WITH', 'MENTORS', 'ENDORSES'];
const depthMax = 10;

/** One shortest way between two creators; null where there is none of at most `maxDepth` steps. Throws for a creator that does not exist. */
export async function wayBetween(
  { store, loaders }: SubgraphContext,
  { from, to, maxDepth }: { from: string; to: string; maxDepth: number },
): Promise<readonly { readonly id: string }[] | null> {
  if (maxDepth < 1 || maxDepth > depthMax)
    throw badInput(`maxDepth must be 1 to ${depthMax}, not ${maxDepth}`, 'maxDepth');
  const ends = await loaders.node('Creator').loadMany([from, to]);
  for (const [index, argument] of (['from', 'to'] as const).entries()) {
    const end = ends[index];
    if (end instanceof Error) throw end;
    if (!end) throw badInput(`${argument} names no creator`, argument);
  }
  if (from === to) return [{ id: from }];
  const ids = await store.shortestPath({ edges: acquaintance, from, to, maxDepth });
  return ids?.map((id) => ({ id })) ?? null;
}
