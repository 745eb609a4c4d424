import type { SpaceKind } from '../../../schema/graph/catalogue.ts';
import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { membershipOf } from '../../shared/membership.ts';
import { decideCreateSpace } from '../domain/create-space.ts';
import { readRole } from './reading.ts';

export interface CreateSpace {
  /** The new space's id; a fresh one where it is absent. */
  readonly spaceId?: string;
  readonly name: string;
  readonly kind: SpaceKind;
  readonly description?: string | null | undefined;
  readonly capacity?: number | null | undefined;
  readonly parentId?: string | null | undefined;
}

const capacityDefault = 100;

/** Makes a space, with the actor as its first owner. */
export async function createSpace(
  context: CommandContext,
  input: CreateSpace,
): Promise<CommandResult<{ spaceId: string }>> {
  const { tx, nowIso, actor } = context;
  const spaceId = input.spaceId ?? context.newId();
  const parentId = input.parentId ?? null;
  const [taken] = await tx.get('Space', [spaceId]);
  const decision = decideCreateSpace(
    {
      founderId: actor.id,
      isPlatform: actor.source === 'EXTERNAL',
      spaceId,
      isTaken: taken != null,
      roleInParent: parentId === null ? null : await readRole(tx, actor.id, parentId),
      nowIso,
    },
    {
      name: input.name,
      kind: input.kind,
      description: input.description ?? '',
      capacity: input.capacity ?? capacityDefault,
      parentId,
    },
  );
  if (!decision.ok) return decision;
  const { props, payload } = decision.value;
  await tx.put({ type: 'Space', id: spaceId, props, expectedVersion: 0 });
  if (parentId !== null) await tx.link({ type: 'PART_OF', from: spaceId, to: parentId, props: { since: nowIso } });
  await tx.link({ type: 'MEMBER_OF', from: actor.id, to: spaceId, props: { since: nowIso, role: 'OWNER' } });
  const created = await record(context, {
    type: 'space.created',
    entityId: spaceId,
    payload,
    personal: { [actor.id]: { name: props.name, description: props.description } },
  });
  const joined = await record(context, {
    type: 'space.member-joined',
    entityId: membershipOf(actor.id, spaceId),
    payload: { spaceId, creatorId: actor.id, role: 'OWNER' },
    causedBy: [created.id],
  });
  return accepted({ spaceId }, [created, joined]);
}
