import { textProblem } from '../../../schema/text-limits.ts';
import { type Decision, objected, userError } from '../../../schema/user-errors.ts';
import { type PairState, decideEnd, decideStart } from './pair.ts';

const topicLimit = { min: 0, max: 128 } as const;

/** Who speaks: one of both sides, a platform that attests it, or somebody else. */
export type Speaker = 'MENTOR' | 'MENTEE' | 'PLATFORM' | 'OTHER';

/**
 * Judges the beginning of a mentorship. Teaching counts for the mentor's reputation, so only whoever learned, or a platform, can attest it.
 * In the pair the mentor is `from`.
 */
export function decideMentorship(
  state: PairState,
  command: { readonly speaker: Speaker; readonly topic: string },
): Decision<PairState> {
  if (command.speaker !== 'MENTEE' && command.speaker !== 'PLATFORM')
    return objected(userError('FORBIDDEN', 'only whoever learns can say so', 'input'));
  const problem = textProblem(command.topic, topicLimit);
  if (problem !== null) return objected(userError('INVALID', `topic ${problem}`, 'input', 'topic'));
  return decideStart(seenByMentee(state), { field: 'mentorId', repeated: 'this mentorship stands already' });
}

/** Judges the end of a mentorship. */
export function decideMentorshipEnd(state: PairState, speaker: Speaker): Decision<PairState> {
  if (speaker === 'OTHER')
    return objected(userError('FORBIDDEN', 'only one of both sides can end a mentorship', 'input'));
  return decideEnd(seenByMentee(state), { field: 'mentorId', repeated: 'there is no such mentorship' });
}

/** The mentee asks and the mentor is whom the input names, although the relationship starts from the mentor. */
function seenByMentee(state: PairState): PairState {
  const blockedBy = state.blockedBy === null ? null : state.blockedBy === 'FROM' ? 'TO' : 'FROM';
  return { ...state, isFromKnown: state.isToKnown, isToKnown: state.isFromKnown, blockedBy };
}
