import type { Direction, GraphTransaction, Keyset } from '../../../engines/graph-store/port.ts';
import type { EdgeProps, EdgeType, NodeProps, NodeType } from '../../../schema/graph/catalogue.ts';

const pageMax = 500;

/** Goes through every node of a type, `change` giving what is to be different; null leaves a node as it is. */
async function patchWhere<T extends NodeType>(
  tx: GraphTransaction,
  { type, orderBy }: { readonly type: T; readonly orderBy: keyof NodeProps[T] & string },
  change: (props: NodeProps[T]) => Partial<NodeProps[T]> | null,
): Promise<void> {
  let after: Keyset | undefined;
  for (;;) {
    const page = await tx.find({ type, orderBy, order: 'asc', limit: pageMax, ...(after && { after }) });
    for (const { id, props } of page.items) {
      const changed = change(props);
      if (changed !== null) await tx.patch(type, id, changed);
    }
    after = page.keysets.at(-1);
    if (!page.hasMore || after === undefined) return;
  }
}

/** The ids at the other ends of all of a node's edges of a type, oldest first. */
export async function neighbourIds(tx: GraphTransaction, edge: EdgeType, id: string): Promise<readonly string[]> {
  const ids: string[] = [];
  let after: Keyset | undefined;
  for (;;) {
    const query = { edge, direction: 'out', ids: [id], orderBy: 'since', order: 'asc', limit: pageMax } as const;
    const [page] = await tx.neighbours({ ...query, ...(after && { after }) });
    ids.push(...(page?.items ?? []).map((neighbour) => neighbour.id));
    after = page?.keysets.at(-1);
    if (page?.hasMore !== true || after === undefined) return ids;
  }
}

/** The works of a creator: their notes go, and the title and summary where the creator wrote the newest revision. */
async function eraseWorks(tx: GraphTransaction, creatorId: string): Promise<void> {
  const works = await neighbourIds(tx, 'CREATED', creatorId);
  for (let at = 0; at < works.length; at += pageMax) {
    const artifacts = await tx.get('Artifact', works.slice(at, at + pageMax));
    for (const artifact of artifacts) {
      if (artifact === null) continue;
      const revisions = Array.from({ length: artifact.props.revision }, (_, n) => `${artifact.id}|${n + 1}`);
      const own = (await tx.get('ArtifactRevision', revisions)).filter(
        (revision) => revision?.props.revisedBy === creatorId,
      );
      for (const revision of own) if (revision !== null) await tx.patch('ArtifactRevision', revision.id, { note: '' });
      if (own.some((revision) => revision?.props.revision === artifact.props.revision))
        await tx.patch('Artifact', artifact.id, { title: 'Erased', summary: '' });
    }
  }
}

/** Goes through a creator's edges of a type, as `patchWhere` does through nodes. */
async function patchEdges<E extends EdgeType>(
  tx: GraphTransaction,
  of: { readonly edge: E; readonly direction: Direction; readonly creatorId: string },
  change: (props: EdgeProps[E]) => EdgeProps[E] | null,
): Promise<void> {
  let after: Keyset | undefined;
  for (;;) {
    const [page] = await tx.neighbours<E>({
      ...{ edge: of.edge, direction: of.direction, ids: [of.creatorId] },
      ...{ orderBy: 'since', order: 'asc', limit: pageMax, ...(after && { after }) },
    });
    for (const { edge } of page?.items ?? []) {
      const props = change(edge.props);
      if (props !== null) await tx.link<E>({ ...edge, props });
    }
    after = page?.keysets.at(-1);
    if (page?.hasMore !== true || after === undefined) return;
  }
}

/** Takes out of the operational store whatever a creator wrote; all of it was sealed in canon under the key that goes with them. */
export async function eraseWords(tx: GraphTransaction, creatorId: string): Promise<void> {
  await eraseWorks(tx, creatorId);
  await patchEdges(tx, { edge: 'ENDORSES', direction: 'out', creatorId }, (props) =>
    props.note === '' ? null : { ...props, note: '' },
  );
  // Whoever learns says what a mentorship is about.
  await patchEdges(tx, { edge: 'MENTORS', direction: 'in', creatorId }, (props) =>
    props.topic === '' ? null : { ...props, topic: '' },
  );
  await patchWhere(tx, { type: 'Post', orderBy: 'postedAt' }, (post) =>
    post.authorId === creatorId ? { body: '' } : null,
  );
  await patchWhere(tx, { type: 'Contribution', orderBy: 'contributedAt' }, (contribution) =>
    contribution.contributorId === creatorId ? { text: '' } : null,
  );
  await patchWhere(tx, { type: 'Space', orderBy: 'createdAt' }, (space) =>
    space.createdBy === creatorId ? { name: 'Erased', description: '' } : null,
  );
  await eraseReputation(tx, creatorId);
}

/** What a creator and reviewers wrote to each other, and what the creator wanted to be shown of. An erased creator is in no leaderboard. */
async function eraseReputation(tx: GraphTransaction, creatorId: string): Promise<void> {
  await patchWhere(tx, { type: 'Appeal', orderBy: 'openedAt' }, (appeal) =>
    appeal.creatorId === creatorId ? { text: '', reason: '' } : null,
  );
  await patchWhere(tx, { type: 'CollaborationRound', orderBy: 'openedAt' }, ({ raterId, partnerId, isOpen }) =>
    isOpen === 1 && (raterId === creatorId || partnerId === creatorId) ? { rating: 0, isOpen: 0 as const } : null,
  );
  // What somebody is certified for is about them, not about whoever certified it: the holder keeps it, and the badge that it gives.
  await patchWhere(tx, { type: 'Certificate', orderBy: 'issuedAt' }, (certificate) => {
    if (certificate.holderId === creatorId) return { skill: 'Erased', statement: '' };
    return certificate.issuerId === creatorId ? { statement: '' } : null;
  });
  await patchWhere(tx, { type: 'Badge', orderBy: 'awardedAt' }, (badge) =>
    badge.creatorId === creatorId ? { skill: '', evidence: [] } : null,
  );
  await patchWhere(tx, { type: 'LevelDecision', orderBy: 'decidedAt' }, (decision) =>
    decision.creatorId === creatorId ? { reasons: [] } : null,
  );
  await patchWhere(tx, { type: 'ReputationSettings', orderBy: 'changedAt' }, (settings) =>
    settings.creatorId === creatorId ? { leaderboards: [] } : null,
  );
}
