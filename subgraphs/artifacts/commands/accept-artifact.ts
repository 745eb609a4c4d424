import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { decideAccept } from '../domain/accept.ts';
import { actorOf, newestEvents, readArtifact, readSourceIds, readSources } from './reading.ts';

export interface AcceptArtifact {
  readonly artifactId: string;
}

/** Accepts a work that derives from one of the actor's. */
export async function acceptArtifact(
  context: CommandContext,
  input: AcceptArtifact,
): Promise<CommandResult<{ artifactId: string }>> {
  const { tx, nowIso } = context;
  const { artifactId } = input;
  const artifact = await readArtifact(tx, artifactId);
  const sources = artifact?.isDerived === true ? await readSources(tx, await readSourceIds(tx, artifactId)) : [];
  const decision = decideAccept({ actor: actorOf(context), artifactId, artifact, sources });
  if (!decision.ok) return decision;
  const { answersId } = decision.value;
  await tx.patch('Artifact', artifactId, { acceptedAt: nowIso });
  const event = await record(context, {
    type: 'artifact.accepted',
    entityId: `${answersId}|${artifactId}`,
    payload: decision.value,
    causedBy: await newestEvents(tx, [artifactId]),
  });
  return accepted({ artifactId }, [event]);
}
