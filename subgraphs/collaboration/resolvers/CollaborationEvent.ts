import { decodeEventRecord } from '../../../schema/events/catalogue.ts';
import { formatHlc, hlcToIso } from '../../../schema/hlc.ts';
import type { SubgraphContext } from '../../shared/context.ts';
import { type LiveEvent, isShownTo, liveEventOf } from '../domain/live-event.ts';
import type { CollaborationEventResolvers } from '../generated/resolvers.ts';
import { spaceOf, viewerCanWatch, viewerRole } from '../visibility.ts';

/** The gateway hands over the event that it has just read from the log (see schema/live.ts); without it there is nothing to tell. */
async function fromBody(
  reference: { readonly id: string; readonly body?: unknown },
  context: SubgraphContext,
): Promise<LiveEvent | null> {
  const { creatorId } = context.viewer;
  if (typeof reference.body !== 'string' || creatorId === null) return null;
  const decoded = decodeEventRecord(reference.body);
  const event = decoded.kind === 'event' && decoded.event.id === reference.id ? liveEventOf(decoded.event) : null;
  const space = event === null ? null : await context.loaders.node('Space').load(event.spaceId);
  if (event === null || space === null || !(await viewerCanWatch(context, space))) return null;
  return isShownTo(event, { id: creatorId, role: await viewerRole(context, space.id) }) ? event : null;
}

export const CollaborationEvent: CollaborationEventResolvers = {
  __resolveReference: (reference, context) => fromBody(reference, context),
  at: ({ hlc }) => hlcToIso(hlc),
  hlc: ({ hlc }) => formatHlc(hlc),
  space: ({ spaceId }, _args, context) => spaceOf(context, spaceId),
  actor: ({ actorId }) => (actorId.startsWith('platform:') ? null : { id: actorId }),
  subject: ({ subjectId }) => (subjectId === null ? null : { id: subjectId }),
  post: ({ postId }, _args, { loaders }) => (postId === null ? null : loaders.node('Post').load(postId)),
};
