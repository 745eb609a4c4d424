import type { CanonEvent } from '../../../schema/events/envelope.ts';
import { strengthenCollaboration } from '../../shared/collaboration.ts';
import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import type { Actor, KnownArtifact } from '../domain/artifact.ts';
import { type ContributionDraft, decideContribute } from '../domain/contribute.ts';
import { actorOf, newestEvents, readArtifact, readBlockers } from './reading.ts';

export interface ContributeToArtifact extends ContributionDraft {
  readonly artifactId: string;
  /** The new contribution's id; a fresh one where it is absent. */
  readonly contributionId?: string;
}

/** Records an edit of somebody else's work, or a comment. */
export async function contributeToArtifact(
  context: CommandContext,
  input: ContributeToArtifact,
): Promise<CommandResult<{ artifactId: string; contributionId: string }>> {
  const { tx, nowIso } = context;
  const { artifactId, contribution, merged, text } = input;
  const actor = actorOf(context);
  const artifact = await readArtifact(tx, artifactId);
  const isBlocked = artifact !== null && !actor.isPlatform && (await hasBlocked(context, artifact));
  const decision = decideContribute({ actor, artifactId, artifact, isBlocked }, { contribution, merged, text });
  if (!decision.ok) return decision;
  const contributionId = input.contributionId ?? context.newId();
  await tx.put({
    type: 'Contribution',
    id: contributionId,
    props: { artifactId, contributorId: actor.id, contribution, merged, text, contributedAt: nowIso },
    expectedVersion: 0,
  });
  const event = await record(context, {
    type: 'artifact.contributed',
    entityId: contributionId,
    payload: decision.value,
    personal: text === '' ? {} : { [actor.id]: { text } },
    causedBy: await newestEvents(tx, [artifactId]),
  });
  return accepted({ artifactId, contributionId }, [
    event,
    ...(await recordSharedWork(context, actor, artifactId, decision.value.credits)),
  ]);
}

/** Whoever contributes to a work has worked with everybody who is credited for it; a platform's anonymous member has no one to be. */
async function recordSharedWork(
  context: CommandContext,
  actor: Actor,
  artifactId: string,
  credits: readonly { readonly creatorId: string }[],
): Promise<CanonEvent[]> {
  const events: CanonEvent[] = [];
  for (const { creatorId } of actor.isPlatform ? [] : credits) {
    if (creatorId !== actor.id)
      events.push(await strengthenCollaboration(context, { fromId: actor.id, toId: creatorId, artifactId }));
  }
  return events;
}

async function hasBlocked({ tx, actor }: CommandContext, { props }: KnownArtifact): Promise<boolean> {
  const credited = props.credits.map((credit) => credit.creatorId);
  return (await readBlockers(tx, actor.id, credited)).size > 0;
}
