import type { GraphNode } from '../../engines/graph-store/port.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { isVisibleTo } from './domain/artifact.ts';

/** These artifacts in their order, null where there is none or none for the viewer. */
export async function visibleArtifacts(
  context: SubgraphContext,
  ids: readonly string[],
): Promise<readonly (GraphNode<'Artifact'> | null)[]> {
  const { loaders, viewer } = context;
  const nodes = await Promise.all(ids.map((id) => loaders.node('Artifact').load(id)));
  return nodes.map((node) => (node !== null && isVisibleTo(node.props, viewer.creatorId) ? node : null));
}

export async function visibleArtifact(context: SubgraphContext, id: string): Promise<GraphNode<'Artifact'> | null> {
  return (await visibleArtifacts(context, [id]))[0] ?? null;
}
