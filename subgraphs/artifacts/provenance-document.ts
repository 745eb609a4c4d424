import type { GraphNode } from '../../engines/graph-store/port.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { derivationsAmong, provenanceOf } from './derivations.ts';
import { provDocument } from './domain/prov-document.ts';

/**
 * Where a work comes from and what became of it, as far as the viewer may see, as the text of a PROV document (JSON-LD); the work itself
 * comes first. Throws BAD_USER_INPUT for a depth outside 1 to 20.
 */
export async function provenanceDocument(
  context: SubgraphContext,
  work: GraphNode<'Artifact'>,
  maxDepth: number,
): Promise<string> {
  const up = await provenanceOf(context, { id: work.id, way: 'up' }, maxDepth);
  const down = await provenanceOf(context, { id: work.id, way: 'down' }, maxDepth);
  const found = [work, ...[...up.steps, ...down.steps].map(({ artifact }) => artifact)];
  const works = [...new Map(found.map((each) => [each.id, each])).values()];
  const sources = await derivationsAmong(
    context,
    works.map(({ id }) => id),
  );
  const documented = works.map(({ id, props }, index) => ({ id, props, sources: sources[index] ?? [] }));
  return JSON.stringify(provDocument(documented, up.isTruncated || down.isTruncated));
}
