import { strengthenCollaboration } from '../../shared/collaboration.ts';
import { type CommandContext, type CommandResult, accepted, refused } from '../../shared/command.ts';
import { userError } from '../../shared/errors.ts';
import { decideStart } from '../domain/pair.ts';
import { type RelationshipAnswer, readPair } from './relationship.ts';

export interface RecordCollaborationInput {
  /** The one who acted. */
  readonly fromId: string;
  readonly toId: string;
  readonly artifactId: string;
}

/** Two creators worked on the same artifact once more. Not a mutation: shared work is a consequence, nobody claims it. */
export async function recordCollaboration(
  context: CommandContext,
  input: RecordCollaborationInput,
): Promise<CommandResult<RelationshipAnswer>> {
  const { fromId, toId, artifactId } = input;
  const pair = await readPair(context, { type: 'COLLABORATES_WITH', fromId, toId });
  // It stands once and grows: that it is there is no objection.
  const decision = decideStart({ ...pair, stands: false }, { field: 'toId', repeated: '' });
  if (!decision.ok) return decision;
  const [artifact] = await context.tx.get('Artifact', [artifactId]);
  if (!artifact) return refused(userError('NOT_FOUND', 'there is no such artifact', 'input', 'artifactId'));
  const event = await strengthenCollaboration(context, { fromId, toId, artifactId });
  return accepted({ creatorId: toId }, [event]);
}
