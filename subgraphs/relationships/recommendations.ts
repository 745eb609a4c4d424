import type { GraphNode, Recommendation } from '../../engines/graph-store/port.ts';
import type { SubgraphContext } from '../shared/context.ts';

/** The first of the people whom a creator's collaborators worked with; those who have closed their account are nobody to work with. */
export async function recommendedTo(
  { store, loaders, viewer }: SubgraphContext,
  id: string,
  first: number,
): Promise<readonly Recommendation[]> {
  // To others, a gap in the list would tell whom its owner blocks.
  const exclude =
    id === viewer.creatorId ? (['COLLABORATES_WITH', 'BLOCKS'] as const) : (['COLLABORATES_WITH'] as const);
  for (let limit = first; ; limit *= 2) {
    const found = await store.recommend({ edge: 'COLLABORATES_WITH', weight: 'weight', exclude, id, limit });
    const creators = await Promise.all(found.map((each) => loaders.node('Creator').load(each.id)));
    const open = found.filter((_each, index) => isOpen(creators[index] ?? null));
    if (open.length >= first || found.length < limit) return open.slice(0, first);
  }
}

function isOpen(creator: GraphNode<'Creator'> | null): boolean {
  return creator !== null && creator.props.state !== 'ARCHIVED' && creator.props.state !== 'MIGRATED';
}
