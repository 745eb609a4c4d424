import type { GraphNode } from '../../engines/graph-store/port.ts';
import { type Connection, type PageArguments, pageRequest, toConnection } from '../shared/connection.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { badInput } from '../shared/errors.ts';
import { visiblePage } from '../shared/visible-page.ts';
import type { Derivation } from './mappers.ts';
import { type ProvenanceStep, walkProvenance } from './provenance.ts';
import { visibleArtifacts } from './visibility.ts';

const depthMax = 20;
const stepsMax = 500;
/** How many derivatives of one work a walk follows. */
const fanOutMax = 100;

/** `up` leads to what a work derives from, `down` to what derives from it. */
export type Way = 'up' | 'down';

const queries = {
  up: { edge: 'DERIVED_FROM', direction: 'out', orderBy: 'since', order: 'asc' },
  down: { edge: 'DERIVED_FROM', direction: 'in', orderBy: 'since', order: 'desc' },
} as const;

/** The direct derivations of a work that the viewer may see. */
export async function derivationPage(
  context: SubgraphContext,
  of: { readonly id: string; readonly way: Way },
  page: PageArguments,
): Promise<Connection<Derivation>> {
  const list = `derivations|${of.way}|${of.id}`;
  const request = pageRequest(list, page);
  const visible = await visiblePage(
    request,
    (next) => context.loaders.neighbours({ ...queries[of.way], ...next }).load(of.id),
    async (items) => {
      const artifacts = await visibleArtifacts(
        context,
        items.map((item) => item.id),
      );
      return items.map(({ edge }, index) => {
        const artifact = artifacts[index] ?? null;
        return artifact === null ? null : { artifact, since: edge.props.since };
      });
    },
  );
  return toConnection(list, request, visible, (item) => item);
}

export interface ShownStep extends Omit<ProvenanceStep, 'artifactId' | 'link'> {
  readonly artifact: GraphNode<'Artifact'>;
  readonly derived: GraphNode<'Artifact'>;
  readonly source: GraphNode<'Artifact'>;
  readonly since: string;
}

/** Everything up or down the derivations of a work that the viewer may see. Throws BAD_USER_INPUT for a depth outside 1 to 20. */
export async function provenanceOf(
  context: SubgraphContext,
  of: { readonly id: string; readonly way: Way },
  maxDepth: number,
): Promise<{ readonly steps: readonly ShownStep[]; readonly isTruncated: boolean }> {
  if (maxDepth < 1 || maxDepth > depthMax)
    throw badInput(`maxDepth must be 1 to ${depthMax}, not ${maxDepth}`, 'maxDepth');
  const { loaders } = context;
  const walk = await walkProvenance({
    start: [of.id],
    maxDepth,
    stepsMax,
    neighbours: async (ids) => {
      const pages = await Promise.all(
        ids.map((id) => loaders.neighbours({ ...queries[of.way], limit: fanOutMax }).load(id)),
      );
      return pages.map(({ items, hasMore }) => ({
        links: items.map(({ id, edge }) => ({ id, link: { from: edge.from, to: edge.to, since: edge.props.since } })),
        hasMore,
      }));
    },
    visible: async (ids) =>
      new Set((await visibleArtifacts(context, ids)).flatMap((node) => (node === null ? [] : [node.id]))),
  });
  return { steps: await Promise.all(walk.steps.map((step) => shown(context, step))), isTruncated: walk.isTruncated };
}

/** For each of these works, which others of them it derives from directly. */
export async function derivationsAmong(
  { loaders }: SubgraphContext,
  ids: readonly string[],
): Promise<readonly (readonly { readonly id: string; readonly since: string }[])[]> {
  const known = new Set(ids);
  const pages = await Promise.all(ids.map((id) => loaders.neighbours({ ...queries.up, limit: fanOutMax }).load(id)));
  return pages.map(({ items }) =>
    items.filter(({ id }) => known.has(id)).map(({ id, edge }) => ({ id, since: edge.props.since })),
  );
}

async function shown({ loaders }: SubgraphContext, { artifactId, depth, link }: ProvenanceStep): Promise<ShownStep> {
  const [artifact, derived, source] = await Promise.all(
    [artifactId, link.from, link.to].map((id) => loaders.node('Artifact').load(id)),
  );
  if (!artifact || !derived || !source)
    throw new TypeError(`artifact ${artifactId} vanished while its provenance was read`);
  return { artifact, derived, source, depth, since: link.since };
}
