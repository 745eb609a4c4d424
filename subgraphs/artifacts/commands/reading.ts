import type { GraphReader } from '../../../engines/graph-store/port.ts';
import type { CommandContext } from '../../shared/command.ts';
import type { Actor, KnownArtifact } from '../domain/artifact.ts';
import { type Source, sourcesMax } from '../domain/sources.ts';
import { walkProvenance } from '../provenance.ts';

/** How many ancestors are looked at before a derivation is refused as too deep to check. */
const ancestorsMax = 10_000;

export function actorOf(context: CommandContext): Actor {
  return { id: context.actor.id, isPlatform: context.actor.source === 'EXTERNAL' };
}

/** An artifact with its version; null where there is none. */
export async function readArtifact(
  reader: GraphReader,
  id: string,
): Promise<(KnownArtifact & { readonly version: number }) | null> {
  const [[node], [degree]] = await Promise.all([
    reader.get('Artifact', [id]),
    reader.degrees('DERIVED_FROM', 'out', [id]),
  ]);
  return node ? { id, version: node.version, props: node.props, isDerived: (degree ?? 0) > 0 } : null;
}

export async function readSources(reader: GraphReader, ids: readonly string[]): Promise<readonly Source[]> {
  const nodes = ids.length === 0 ? [] : await reader.get('Artifact', ids);
  return ids.map((id, index) => ({ id, props: nodes[index]?.props ?? null }));
}

/** Ids of the works that this one derives from directly, oldest link first. */
export async function readSourceIds(reader: GraphReader, id: string): Promise<readonly string[]> {
  const [page] = await reader.neighbours({
    edge: 'DERIVED_FROM',
    direction: 'out',
    ids: [id],
    orderBy: 'since',
    order: 'asc',
    limit: sourcesMax,
  });
  return page?.items.map((item) => item.id) ?? [];
}

/** Whether deriving `artifactId` from these works would close a circle. */
export async function findCycle(
  reader: GraphReader,
  artifactId: string,
  sourceIds: readonly string[],
): Promise<'none' | 'found' | 'too-many-ancestors'> {
  const { steps, isTruncated } = await walkProvenance({
    start: sourceIds,
    maxDepth: ancestorsMax,
    stepsMax: ancestorsMax,
    neighbours: async (ids) => {
      const pages = await reader.neighbours({
        edge: 'DERIVED_FROM',
        direction: 'out',
        ids,
        orderBy: 'since',
        order: 'asc',
        limit: sourcesMax,
      });
      return pages.map(({ items, hasMore }) => ({
        links: items.map(({ id, edge }) => ({ id, link: { from: edge.from, to: edge.to, since: edge.props.since } })),
        hasMore,
      }));
    },
    visible: async (ids) => new Set(ids),
  });
  if (steps.some((step) => step.artifactId === artifactId)) return 'found';
  return isTruncated ? 'too-many-ancestors' : 'none';
}

/** Which of these creators have blocked somebody. */
export async function readBlockers(
  reader: GraphReader,
  blockedId: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const blocks = await reader.edges(
    'BLOCKS',
    ids.map((from) => ({ from, to: blockedId })),
  );
  return new Set(blocks.flatMap((edge) => (edge ? [edge.from] : [])));
}

/** The newest event of each of these artifacts: what an event about them is caused by. */
export async function newestEvents(reader: GraphReader, artifactIds: readonly string[]): Promise<readonly string[]> {
  if (artifactIds.length === 0) return [];
  const heads = await reader.get(
    'ChainHead',
    artifactIds.map((id) => `chain|Artifact|${id}`),
  );
  return heads.flatMap((head) => (head ? [head.props.eventId] : []));
}
