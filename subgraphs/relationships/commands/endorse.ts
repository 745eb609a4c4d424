import { type Relationship, relationshipId } from '../../shared/collaboration.ts';
import { type CommandContext, type CommandResult, accepted, record, refused } from '../../shared/command.ts';
import { type TargetInput, endorsementProblems, keyOf, readTarget } from '../domain/endorsement.ts';
import { decideEnd, decideStart } from '../domain/pair.ts';
import { type RelationshipAnswer, readPair } from './relationship.ts';

export interface RevokeEndorsementInput extends TargetInput {
  readonly creatorId: string;
}

export interface EndorseInput extends RevokeEndorsementInput {
  /** 1 to 5. */
  readonly weight: number;
  /** The endorser's words; sealed in the event. */
  readonly note: string;
}

/** The actor vouches for a skill or a dimension of a creator. */
export async function endorse(
  context: CommandContext,
  input: EndorseInput,
): Promise<CommandResult<RelationshipAnswer>> {
  const { weight, note, creatorId: toId } = input;
  const target = readTarget(input);
  const problems = [...(target.ok ? [] : target.errors), ...endorsementProblems(input)];
  if (!target.ok || problems.length > 0) return refused(...problems);
  const fromId = context.actor.id;
  const key = keyOf(target.value);
  const relationship: Relationship = { type: 'ENDORSES', fromId, toId, key };
  const decision = decideStart(await readPair(context, relationship), {
    field: 'creatorId',
    repeated: 'you vouch for that already: revoke it first to change it',
  });
  if (!decision.ok) return decision;
  await context.tx.link({
    type: 'ENDORSES',
    from: fromId,
    to: toId,
    key,
    props: { since: context.nowIso, weight, note },
  });
  const event = await record(context, {
    type: 'relationship.endorsed',
    entityId: relationshipId(relationship),
    payload: { fromId, toId, target: target.value, weight },
    ...(note !== '' && { personal: { [fromId]: { note } } }),
  });
  return accepted({ creatorId: toId }, [event]);
}

/** The actor takes an endorsement back. */
export async function revokeEndorsement(
  context: CommandContext,
  input: RevokeEndorsementInput,
): Promise<CommandResult<RelationshipAnswer>> {
  const target = readTarget(input);
  if (!target.ok) return target;
  const fromId = context.actor.id;
  const toId = input.creatorId;
  const key = keyOf(target.value);
  const relationship: Relationship = { type: 'ENDORSES', fromId, toId, key };
  const decision = decideEnd(await readPair(context, relationship), {
    field: 'creatorId',
    repeated: 'you do not vouch for that',
  });
  if (!decision.ok) return decision;
  await context.tx.unlink({ type: 'ENDORSES', from: fromId, to: toId, key });
  const event = await record(context, {
    type: 'relationship.endorsement-revoked',
    entityId: relationshipId(relationship),
    payload: { fromId, toId, target: target.value },
  });
  return accepted({ creatorId: toId }, [event]);
}
