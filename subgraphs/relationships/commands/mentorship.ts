import { type Relationship, relationshipId } from '../../shared/collaboration.ts';
import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { type Speaker, decideMentorship, decideMentorshipEnd } from '../domain/mentorship.ts';
import { type RelationshipAnswer, readPair } from './relationship.ts';

export interface EndMentorshipInput {
  readonly mentorId: string;
  readonly menteeId: string;
}

export interface StartMentorshipInput extends EndMentorshipInput {
  readonly topic: string;
}

function speakerOf({ actor }: CommandContext, { mentorId, menteeId }: EndMentorshipInput): Speaker {
  if (actor.source === 'EXTERNAL') return 'PLATFORM';
  if (actor.id === menteeId) return 'MENTEE';
  return actor.id === mentorId ? 'MENTOR' : 'OTHER';
}

/** Somebody teaches somebody: the actor is whoever learns, or a platform that attests it. */
export async function startMentorship(
  context: CommandContext,
  input: StartMentorshipInput,
): Promise<CommandResult<RelationshipAnswer>> {
  const { mentorId: fromId, menteeId: toId, topic } = input;
  const relationship: Relationship = { type: 'MENTORS', fromId, toId };
  const decision = decideMentorship(await readPair(context, relationship), {
    speaker: speakerOf(context, input),
    topic,
  });
  if (!decision.ok) return decision;
  await context.tx.link({ type: 'MENTORS', from: fromId, to: toId, props: { since: context.nowIso, topic } });
  const event = await record(context, {
    type: 'relationship.mentorship-started',
    entityId: relationshipId(relationship),
    payload: { fromId, toId },
    ...(topic !== '' && { personal: { [toId]: { topic } } }),
  });
  return accepted({ creatorId: fromId }, [event]);
}

/** Ends a mentorship of the actor's, on whichever side they are. */
export async function endMentorship(
  context: CommandContext,
  input: EndMentorshipInput,
): Promise<CommandResult<RelationshipAnswer>> {
  const { mentorId: fromId, menteeId: toId } = input;
  const relationship: Relationship = { type: 'MENTORS', fromId, toId };
  const decision = decideMentorshipEnd(await readPair(context, relationship), speakerOf(context, input));
  if (!decision.ok) return decision;
  await context.tx.unlink({ type: 'MENTORS', from: fromId, to: toId });
  const event = await record(context, {
    type: 'relationship.mentorship-ended',
    entityId: relationshipId(relationship),
    payload: { fromId, toId },
  });
  return accepted({ creatorId: context.actor.id === fromId ? toId : fromId }, [event]);
}
