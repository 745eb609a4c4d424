import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { decidePost } from '../domain/post.ts';
import { newestEvent, readActor } from './reading.ts';

export interface PostToSpace {
  readonly spaceId: string;
  readonly body: string;
  /** The post that this one answers. */
  readonly inReplyTo?: string | null | undefined;
  /** The new post's id; a fresh one where it is absent. */
  readonly postId?: string;
}

/** Posts in a space. */
export async function postToSpace(
  context: CommandContext,
  input: PostToSpace,
): Promise<CommandResult<{ postId: string }>> {
  const { tx, nowIso } = context;
  const { spaceId, body } = input;
  const postId = input.postId ?? context.newId();
  const inReplyTo = input.inReplyTo ?? null;
  const [space] = await tx.get('Space', [spaceId]);
  const [taken, answered] = await tx.get('Post', [postId, ...(inReplyTo === null ? [] : [inReplyTo])]);
  const actor = await readActor(context, spaceId);
  const decision = decidePost(
    {
      actor,
      postId,
      isTaken: taken != null,
      space: { id: spaceId, props: space?.props ?? null },
      answered: inReplyTo === null ? null : { id: inReplyTo, spaceId: answered?.props.spaceId ?? null },
    },
    body,
  );
  if (!decision.ok) return decision;
  await tx.put({
    type: 'Post',
    id: postId,
    props: { spaceId, authorId: actor.id, body, inReplyTo: inReplyTo ?? '', postedAt: nowIso },
    expectedVersion: 0,
  });
  const event = await record(context, {
    type: 'space.posted',
    entityId: postId,
    payload: decision.value,
    personal: { [actor.id]: { body } },
    causedBy: inReplyTo === null ? await newestEvent(tx, 'Space', spaceId) : await newestEvent(tx, 'Post', inReplyTo),
  });
  return accepted({ postId }, [event]);
}
