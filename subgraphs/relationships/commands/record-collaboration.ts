import { type CommandContext, type CommandResult, accepted, record, refused } from '../../shared/command.ts';
import { userError } from '../../shared/errors.ts';
import { decideStart } from '../domain/pair.ts';
import { type Relationship, type RelationshipAnswer, readPair, relationshipId } from './relationship.ts';

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
  const [from, to] = fromId < toId ? [fromId, toId] : [toId, fromId];
  const relationship: Relationship = { type: 'COLLABORATES_WITH', fromId: from, toId: to };
  const [known] = await context.tx.edges('COLLABORATES_WITH', [{ from, to }]);
  const weight = (known?.props.weight ?? 0) + 1;
  await context.tx.link({
    type: 'COLLABORATES_WITH',
    from,
    to,
    props: { since: known?.props.since ?? context.nowIso, weight },
  });
  const event = await record(context, {
    type: 'relationship.collaborated',
    entityId: relationshipId(relationship),
    payload: { fromId, toId, artifactId, weight },
  });
  return accepted({ creatorId: toId }, [event]);
}
