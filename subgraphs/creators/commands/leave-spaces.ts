import type { GraphTransaction } from '../../../engines/graph-store/port.ts';
import type { CanonEvent } from '../../../schema/events/envelope.ts';
import type { SpaceRole } from '../../../schema/graph/catalogue.ts';
import { type CommandContext, record } from '../../shared/command.ts';
import { membershipOf } from '../../shared/membership.ts';
import { neighbourIds } from './erase-words.ts';

/** Who takes over from the last owner: the first of these roles that somebody has. */
const successors: readonly SpaceRole[] = ['MODERATOR', 'MEMBER', 'OBSERVER'];

/**
 * The actor leaves every space. Where they are the last owner, whoever else has been there longest in the highest role becomes one first: a space
 * without an owner could never be looked after again.
 */
export async function leaveSpaces(context: CommandContext): Promise<readonly CanonEvent[]> {
  const { tx, actor } = context;
  const events: CanonEvent[] = [];
  for (const spaceId of await neighbourIds(tx, 'MEMBER_OF', actor.id)) {
    const [membership] = await tx.edges('MEMBER_OF', [{ from: actor.id, to: spaceId }]);
    const [head] = await tx.get('ChainHead', [`chain|Space|${spaceId}`]);
    const cause = head ? [head.props.eventId] : [];
    const handedOver = membership?.props.role === 'OWNER' ? await handOver(context, spaceId, cause) : null;
    if (handedOver !== null) events.push(handedOver);
    await tx.unlink({ type: 'MEMBER_OF', from: actor.id, to: spaceId });
    const left = await record(context, {
      type: 'space.member-left',
      entityId: membershipOf(actor.id, spaceId),
      payload: { spaceId, creatorId: actor.id, removed: false },
      causedBy: handedOver === null ? cause : [handedOver.id],
    });
    events.push(left);
  }
  return events;
}

/** Null where another owner stays, or nobody does. */
async function handOver(
  context: CommandContext,
  spaceId: string,
  causedBy: readonly string[],
): Promise<CanonEvent | null> {
  const { tx, actor } = context;
  if ((await longest(tx, { spaceId, role: 'OWNER' }, actor.id)) !== null) return null;
  for (const from of successors) {
    const successor = await longest(tx, { spaceId, role: from }, actor.id);
    if (successor === null) continue;
    const { id: creatorId, since } = successor;
    await tx.link({ type: 'MEMBER_OF', from: creatorId, to: spaceId, props: { since, role: 'OWNER' } });
    return record(context, {
      type: 'space.member-role-changed',
      entityId: membershipOf(creatorId, spaceId),
      payload: { spaceId, creatorId, from, to: 'OWNER' },
      causedBy,
    });
  }
  return null;
}

/** Who but the one who leaves has been in a space longest in a role. */
async function longest(
  tx: GraphTransaction,
  { spaceId, role }: { readonly spaceId: string; readonly role: SpaceRole },
  leaverId: string,
): Promise<{ readonly id: string; readonly since: string } | null> {
  const query = { edge: 'MEMBER_OF', direction: 'in', orderBy: 'since', order: 'asc', limit: 2 } as const;
  const [page] = await tx.neighbours({ ...query, ids: [spaceId], where: { role } });
  const found = page?.items.find(({ id }) => id !== leaverId);
  return found ? { id: found.id, since: found.edge.props.since } : null;
}
