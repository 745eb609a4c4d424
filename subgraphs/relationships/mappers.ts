import type { Direction, Neighbour, Recommendation } from '../../engines/graph-store/port.ts';
import type { EdgeType } from '../../schema/graph/catalogue.ts';
import type { Connection } from '../shared/connection.ts';

/** Any end of a relationship will do: the profile is another subgraph's. */
export interface CreatorMapper {
  readonly id: string;
}

/** A page of somebody's relationships, and of whose, for the count. */
export interface RelationshipConnection<E extends EdgeType> extends Connection<Neighbour<E>> {
  readonly of: { readonly id: string; readonly edge: E; readonly direction: Direction };
}

interface RelationshipEdge<E extends EdgeType> {
  readonly cursor: string;
  readonly node: Neighbour<E>;
}

export type FollowConnectionMapper = RelationshipConnection<'FOLLOWS'>;
export type CollaboratorConnectionMapper = RelationshipConnection<'COLLABORATES_WITH'>;
export type MentorshipConnectionMapper = RelationshipConnection<'MENTORS'>;
export type EndorsementConnectionMapper = RelationshipConnection<'ENDORSES'>;
export type BlockConnectionMapper = RelationshipConnection<'BLOCKS'>;

export type FollowEdgeMapper = RelationshipEdge<'FOLLOWS'>;
export type CollaboratorEdgeMapper = RelationshipEdge<'COLLABORATES_WITH'>;
export type MentorshipEdgeMapper = RelationshipEdge<'MENTORS'>;
export type EndorsementEdgeMapper = RelationshipEdge<'ENDORSES'>;
export type BlockEdgeMapper = RelationshipEdge<'BLOCKS'>;

export type CollaboratorRecommendationMapper = Recommendation;
export type RecommendationReasonMapper = Recommendation;
