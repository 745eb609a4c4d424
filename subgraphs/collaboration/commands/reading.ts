import type { GraphReader } from '../../../engines/graph-store/port.ts';
import type { SpaceRole } from '../../../schema/graph/catalogue.ts';
import type { CommandContext } from '../../shared/command.ts';
import type { Actor, KnownSpace } from '../domain/space.ts';

export async function readSpace(reader: GraphReader, id: string): Promise<KnownSpace> {
  const [node] = await reader.get('Space', [id]);
  const [memberCount] = await reader.degrees('MEMBER_OF', 'in', [id]);
  return { id, props: node?.props ?? null, memberCount: memberCount ?? 0 };
}

export async function readRole(reader: GraphReader, creatorId: string, spaceId: string): Promise<SpaceRole | null> {
  const [edge] = await reader.edges('MEMBER_OF', [{ from: creatorId, to: spaceId }]);
  return edge?.props.role ?? null;
}

export async function readActor(context: CommandContext, spaceId: string): Promise<Actor> {
  return { id: context.actor.id, role: await readRole(context.tx, context.actor.id, spaceId) };
}

/** How many owners a space has, as far as two: whether one of them is the last. */
export async function readOwnerCount(reader: GraphReader, spaceId: string): Promise<number> {
  const [page] = await reader.neighbours({
    edge: 'MEMBER_OF',
    direction: 'in',
    ids: [spaceId],
    where: { role: 'OWNER' },
    orderBy: 'since',
    order: 'asc',
    limit: 2,
  });
  return page?.items.length ?? 0;
}

/** Whether one of two creators has blocked the other. */
export async function readIsBlocked(reader: GraphReader, one: string, other: string): Promise<boolean> {
  const blocks = await reader.edges('BLOCKS', [
    { from: one, to: other },
    { from: other, to: one },
  ]);
  return blocks.some((edge) => edge !== null);
}

/** The newest event of an entity: what the next one about it is caused by. */
export async function newestEvent(
  reader: GraphReader,
  entityType: 'Space' | 'Post' | 'Invitation',
  id: string,
): Promise<readonly string[]> {
  const [head] = await reader.get('ChainHead', [`chain|${entityType}|${id}`]);
  return head ? [head.props.eventId] : [];
}
