import type { GraphNode } from '../../engines/graph-store/port.ts';
import type { SpaceRole } from '../../schema/graph/catalogue.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { isSeen, maySeeInvitations, mayWatch } from './domain/space.ts';

/** The viewer's role in a space; null where they are no member. */
export async function viewerRole({ viewer, loaders }: SubgraphContext, spaceId: string): Promise<SpaceRole | null> {
  if (viewer.creatorId === null) return null;
  const edge = await loaders.edge('MEMBER_OF').load({ from: viewer.creatorId, to: spaceId });
  return edge?.props.role ?? null;
}

async function isInvited({ viewer, store }: SubgraphContext, spaceId: string): Promise<boolean> {
  if (viewer.creatorId === null) return false;
  const where = { spaceId, inviteeId: viewer.creatorId, state: 'PENDING' };
  const page = await store.find({ type: 'Invitation', where, orderBy: 'sentAt', order: 'desc', limit: 1 });
  return page.items.length > 0;
}

/** The space, null when there is none or none for the viewer. */
export async function visibleSpace(context: SubgraphContext, id: string): Promise<GraphNode<'Space'> | null> {
  const [space, role] = await Promise.all([context.loaders.node('Space').load(id), viewerRole(context, id)]);
  if (space === null) return null;
  if (isSeen(space.props.kind, { role, isInvited: false })) return space;
  return (await isInvited(context, id)) ? space : null;
}

export function visibleSpaces(
  context: SubgraphContext,
  ids: readonly string[],
): Promise<readonly (GraphNode<'Space'> | null)[]> {
  return Promise.all(ids.map((id) => visibleSpace(context, id)));
}

export async function viewerCanWatch(context: SubgraphContext, space: GraphNode<'Space'>): Promise<boolean> {
  return mayWatch(space.props.kind, { id: context.viewer.creatorId, role: await viewerRole(context, space.id) });
}

/** These spaces in their order, null where there is none or none whose members the viewer may know. */
export function watchableSpaces(
  context: SubgraphContext,
  ids: readonly string[],
): Promise<readonly (GraphNode<'Space'> | null)[]> {
  const watchable = async (id: string): Promise<GraphNode<'Space'> | null> => {
    const space = await context.loaders.node('Space').load(id);
    return space !== null && (await viewerCanWatch(context, space)) ? space : null;
  };
  return Promise.all(ids.map(watchable));
}

/** A space of which something else tells, which cannot be there without it. */
export async function spaceOf({ loaders }: SubgraphContext, id: string): Promise<GraphNode<'Space'>> {
  const space = await loaders.node('Space').load(id);
  if (space === null) throw new TypeError(`space ${id} is gone, and what lies in it is not`);
  return space;
}

/** The post, null when there is none or none for the viewer. */
export async function visiblePost(context: SubgraphContext, id: string): Promise<GraphNode<'Post'> | null> {
  const post = await context.loaders.node('Post').load(id);
  if (post === null) return null;
  return (await viewerCanWatch(context, await spaceOf(context, post.props.spaceId))) ? post : null;
}

/** The invitation, null when there is none or none for the viewer. */
export async function visibleInvitation(context: SubgraphContext, id: string): Promise<GraphNode<'Invitation'> | null> {
  const invitation = await context.loaders.node('Invitation').load(id);
  const { creatorId } = context.viewer;
  if (invitation === null || creatorId === null) return null;
  const { spaceId, inviterId, inviteeId } = invitation.props;
  if (creatorId === inviterId || creatorId === inviteeId) return invitation;
  return maySeeInvitations(await viewerRole(context, spaceId)) ? invitation : null;
}
