import type { PayloadOf } from '../../../schema/events/catalogue.ts';
import { type CommandContext, type CommandResult, accepted, record, refused } from '../../shared/command.ts';
import { userError } from '../../shared/errors.ts';
import { isCredited, isVisibleTo, unknownArtifact } from '../domain/artifact.ts';

type SourceType = PayloadOf<'artifact.ai-assistance-stated'>['digitalSourceType'];

/** Puts on record how far machines made the newest revision of a work, in the words of one of those credited for it. */
export async function stateAiAssistance(
  context: CommandContext,
  input: { readonly artifactId: string; readonly expectedVersion: number; readonly digitalSourceType: SourceType },
): Promise<CommandResult<{ artifactId: string }>> {
  const { tx, actor } = context;
  const { artifactId, expectedVersion, digitalSourceType } = input;
  const [artifact] = await tx.get('Artifact', [artifactId]);
  if (!artifact || !isVisibleTo(artifact.props, actor.id)) return refused(unknownArtifact(artifactId));
  if (!isCredited(artifact.props, actor.id))
    return refused(userError('FORBIDDEN', 'only those credited for a work say how it was made', 'input', 'artifactId'));
  if (artifact.version !== expectedVersion) {
    const message = `the artifact is at version ${artifact.version}, not ${expectedVersion}: read it again`;
    return refused(userError('CONFLICT', message, 'input', 'expectedVersion'));
  }
  const event = await record(context, {
    type: 'artifact.ai-assistance-stated',
    entityId: artifactId,
    payload: { ofRevision: artifact.props.revision, digitalSourceType },
  });
  return accepted({ artifactId }, [event]);
}
