import type { PayloadOf } from '../../../schema/events/catalogue.ts';
import { textLimits, textProblem } from '../../../schema/text-limits.ts';
import { type Decision, decided, objected, userError } from '../../../schema/user-errors.ts';
import { type Actor, type KnownSpace, isOpen, mayPost, unknownSpace } from './space.ts';

export interface PostFacts {
  readonly actor: Actor;
  readonly postId: string;
  /** Whether the id is in use. */
  readonly isTaken: boolean;
  readonly space: Omit<KnownSpace, 'memberCount'>;
  /** The post that is answered, null where none is; its `spaceId` is null where there is no such post. */
  readonly answered: { readonly id: string; readonly spaceId: string | null } | null;
}

/** A member says something in a space; observers only read. */
export function decidePost(facts: PostFacts, body: string): Decision<PayloadOf<'space.posted'>> {
  const { actor, space, answered } = facts;
  if (space.props === null || (actor.role === null && !isOpen(space.props.kind)))
    return objected(unknownSpace(space.id));
  if (!mayPost(actor.role))
    return objected(userError('FORBIDDEN', 'join as a member to post here', 'input', 'spaceId'));
  if (facts.isTaken) return objected(userError('TAKEN', `there is a post ${facts.postId} already`, 'input', 'postId'));
  const problem = textProblem(body, textLimits.post);
  if (problem !== null) return objected(userError('INVALID', `body ${problem}`, 'input', 'body'));
  if (answered !== null && answered.spaceId !== space.id) {
    return objected(userError('NOT_FOUND', `there is no post ${answered.id} in this space`, 'input', 'inReplyTo'));
  }
  return decided({ spaceId: space.id, inReplyTo: answered?.id ?? null });
}
