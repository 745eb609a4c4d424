import type { FindNodes, GraphNode } from '../../engines/graph-store/port.ts';
import type { NodeType } from '../../schema/graph/catalogue.ts';
import type { Connection } from '../shared/connection.ts';

export type CreatorMapper = GraphNode<'Creator'>;

/** The list's condition beside the page, for its total count. */
export type CreatorConnectionMapper = Connection<GraphNode<'Creator'>> & {
  readonly where: NonNullable<FindNodes<'Creator'>['where']>;
};

/** What other subgraphs resolve. */
interface Elsewhere<T extends NodeType> {
  readonly type: T;
  readonly id: string;
}
export type ArtifactMapper = Elsewhere<'Artifact'>;
export type SpaceMapper = Elsewhere<'Space'>;
export type PostMapper = Elsewhere<'Post'>;
export type InvitationMapper = Elsewhere<'Invitation'>;
export type NodeMapper = CreatorMapper | ArtifactMapper | SpaceMapper | PostMapper | InvitationMapper;
