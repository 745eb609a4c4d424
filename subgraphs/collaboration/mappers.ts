import type { GraphNode } from '../../engines/graph-store/port.ts';
import type { SpaceRole } from '../../schema/graph/catalogue.ts';
import type { LiveEvent } from './domain/live-event.ts';

export type SpaceMapper = GraphNode<'Space'>;
export type PostMapper = GraphNode<'Post'>;
export type InvitationMapper = GraphNode<'Invitation'>;
export type CollaborationEventMapper = LiveEvent;

export interface SpaceMemberMapper {
  readonly creatorId: string;
  readonly role: SpaceRole;
  readonly joinedAt: string;
}

/** The subgraph creators has its other fields. */
export interface CreatorMapper {
  readonly id: string;
}
