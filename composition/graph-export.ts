import { parseArgs } from 'node:util';
import type { GraphNode, GraphReader, Keyset, Neighbour } from '../engines/graph-store/port.ts';
import type { EdgeProps, EdgeType, NodeProps, NodeType } from '../schema/graph/catalogue.ts';
import { isVisibleTo } from '../subgraphs/artifacts/domain/artifact.ts';
import { isSeen, mayWatch } from '../subgraphs/collaboration/domain/space.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { openFilledEngines } from './engines.ts';
import { type Fields, type GraphmlKeys, graphmlEdge, graphmlEnd, graphmlNode, graphmlStart } from './graphml.ts';
import { writeNamed } from './named-file.ts';

const usage =
  'usage:\n  npm run export:graph -- FILE [--for USERNAME]     what everybody, or USERNAME, may see, as GraphML';
const pageMax = 500;

const keys: GraphmlKeys = {
  node: {
    ...{ type: 'string', name: 'string', kind: 'string', state: 'string', skills: 'string', tags: 'string' },
    ...{ visibility: 'string', contentHash: 'string', revision: 'int', since: 'string' },
  },
  edge: {
    relation: 'string',
    started: 'string',
    weight: 'double',
    sharePercent: 'double',
    about: 'string',
    role: 'string',
  },
};

/** How each kind of node is told. Nothing that its own subgraph would not show; descriptions and notes stay where they are. */
const told: { readonly [T in 'Creator' | 'Artifact' | 'Space']: (props: NodeProps[T]) => Fields } = {
  Creator: ({ displayName, creatorType, state, skills, registeredAt }) => ({
    ...{ type: 'Creator', name: displayName, kind: creatorType, state, skills, since: registeredAt },
  }),
  Artifact: ({ title, kind, tags, visibility, contentHash, revision, publishedAt }) => ({
    ...{ type: 'Artifact', name: title, kind, tags, visibility, contentHash, revision, since: publishedAt },
  }),
  Space: ({ name, kind, createdAt }) => ({ type: 'Space', name, kind, since: createdAt }),
};

/** What an edge tells. Blocks and judgements are nobody's business but those who made them: they are in no export. */
type Told =
  'FOLLOWS' | 'ENDORSES' | 'MENTORS' | 'COLLABORATES_WITH' | 'CREATED' | 'DERIVED_FROM' | 'MEMBER_OF' | 'PART_OF';
const relations: { readonly [E in Told]: (props: EdgeProps[E], key: string) => Fields } = {
  FOLLOWS: ({ since }) => ({ started: since }),
  ENDORSES: ({ since, weight }, key) => ({ started: since, weight, about: key }),
  MENTORS: ({ since, topic }) => ({ started: since, about: topic }),
  COLLABORATES_WITH: ({ since, weight }) => ({ started: since, weight }),
  CREATED: ({ since, sharePercent }) => ({ started: since, sharePercent }),
  DERIVED_FROM: ({ since }) => ({ started: since }),
  MEMBER_OF: ({ since, role }) => ({ started: since, role }),
  PART_OF: ({ since }) => ({ started: since }),
};

async function* nodesOf<T extends NodeType>(
  store: GraphReader,
  type: T,
  orderBy: keyof NodeProps[T] & string,
): AsyncGenerator<readonly GraphNode<T>[]> {
  let after: Keyset | undefined;
  for (;;) {
    const page = await store.find({ type, orderBy, order: 'asc', limit: pageMax, ...(after && { after }) });
    yield page.items;
    after = page.keysets.at(-1);
    if (!page.hasMore || after === undefined) return;
  }
}

/** Every edge that goes out from these nodes. */
async function* edgesFrom<E extends EdgeType>(
  store: GraphReader,
  edge: E,
  ids: readonly string[],
): AsyncGenerator<{ readonly from: string; readonly found: Neighbour<E> }> {
  const query = {
    edge,
    direction: 'out',
    orderBy: 'since' as keyof EdgeProps[E] & string,
    order: 'asc',
    limit: pageMax,
  } as const;
  const pages = await store.neighbours<E>({ ...query, ids });
  for (const [index, from] of ids.entries()) {
    let page = pages[index];
    while (page) {
      for (const found of page.items) yield { from, found };
      const after = page.keysets.at(-1);
      if (!page.hasMore || after === undefined) break;
      [page] = await store.neighbours<E>({ ...query, ids: [from], after });
    }
  }
}

/** The roles of the viewer in the spaces that they are a member of. */
async function rolesOf(
  store: GraphReader,
  viewerId: string | null,
): Promise<ReadonlyMap<string, EdgeProps['MEMBER_OF']['role']>> {
  const roles = new Map<string, EdgeProps['MEMBER_OF']['role']>();
  if (viewerId === null) return roles;
  for await (const { found } of edgesFrom(store, 'MEMBER_OF', [viewerId])) roles.set(found.id, found.edge.props.role);
  return roles;
}

/**
 * The graph as a viewer may see it (null: as everybody may), as the pieces of a GraphML document: creators, works and spaces, and what relates them. In memory are the ids of
 * works and spaces that are shown, and one page.
 */
export async function* graphmlOf(store: GraphReader, viewerId: string | null): AsyncGenerator<string> {
  const roles = await rolesOf(store, viewerId);
  const creators: string[] = [];
  const shown = new Set<string>();
  const watched = new Set<string>();
  yield graphmlStart(keys);
  for await (const page of nodesOf(store, 'Creator', 'registeredAt'))
    for (const { id, props } of page) {
      creators.push(id);
      shown.add(id);
      yield graphmlNode(id, told.Creator(props));
    }
  for await (const page of nodesOf(store, 'Artifact', 'publishedAt'))
    for (const { id, props } of page) {
      if (!isVisibleTo(props, viewerId)) continue;
      shown.add(id);
      yield graphmlNode(id, told.Artifact(props));
    }
  for await (const page of nodesOf(store, 'Space', 'createdAt'))
    for (const { id, props } of page) {
      const role = roles.get(id) ?? null;
      if (!isSeen(props.kind, { role, isInvited: false })) continue;
      shown.add(id);
      if (mayWatch(props.kind, { id: viewerId, role })) watched.add(id);
      yield graphmlNode(id, told.Space(props));
    }
  const others = [...shown].slice(creators.length);
  const among: readonly (readonly [Told, readonly string[], ReadonlySet<string>])[] = [
    ...(['FOLLOWS', 'ENDORSES', 'MENTORS', 'COLLABORATES_WITH', 'CREATED'] as const).map(
      (edge) => [edge, creators, shown] as const,
    ),
    ['MEMBER_OF', creators, watched],
    ['DERIVED_FROM', others, shown],
    ['PART_OF', others, shown],
  ];
  for (const [edge, from, to] of among) yield* edgesAmong(store, edge, { from, to });
  yield graphmlEnd;
}

async function* edgesAmong(
  store: GraphReader,
  edge: Told,
  { from, to }: { readonly from: readonly string[]; readonly to: ReadonlySet<string> },
): AsyncGenerator<string> {
  if (to.size === 0) return;
  for (let at = 0; at < from.length; at += pageMax) {
    for await (const { from: id, found } of edgesFrom(store, edge, from.slice(at, at + pageMax))) {
      if (!to.has(found.id)) continue;
      const key = found.edge.key;
      const fields = (relations[edge] as (props: EdgeProps[Told], key: string) => Fields)(found.edge.props, key);
      const ends = { from: id, to: found.id, isDirected: edge !== 'COLLABORATES_WITH' };
      yield graphmlEdge({ ...ends, id: [edge, id, found.id, key].join('|') }, { relation: edge, ...fields });
    }
  }
}

/** `export:graph`: the graph as everybody may see it, or one creator. */
export async function exportGraph({ config, args, signal }: CommandLine): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { for: { type: 'string' } },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new UsageError(`one FILE is needed\n${usage}`);
  const engines = await openFilledEngines(config);
  try {
    const viewer =
      values.for === undefined
        ? null
        : (await engines.store.findUnique('Creator', 'usernameKey', [values.for.toLowerCase()]))[0];
    if (viewer === undefined || (viewer === null && values.for !== undefined))
      throw new UsageError(`there is no creator ${values.for ?? ''}`);
    const counts = await writePieces(file, graphmlOf(engines.store, viewer?.id ?? null), signal);
    process.stderr.write(`${file}: ${counts.nodes} nodes and ${counts.edges} edges\n`);
  } finally {
    await engines.close();
  }
}

async function writePieces(
  file: string,
  pieces: AsyncIterable<string>,
  signal: AbortSignal,
): Promise<{ nodes: number; edges: number }> {
  const counts = { nodes: 0, edges: 0 };
  async function* counted(): AsyncGenerator<string> {
    for await (const piece of pieces) {
      if (piece.startsWith('    <node')) counts.nodes += 1;
      if (piece.startsWith('    <edge')) counts.edges += 1;
      yield piece;
    }
  }
  await writeNamed(file, counted(), signal);
  return counts;
}
