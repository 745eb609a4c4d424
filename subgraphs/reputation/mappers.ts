import type { GraphNode } from '../../engines/graph-store/port.ts';
import type { NodeProps } from '../../schema/graph/catalogue.ts';
import type { PointsReplay } from '../../schema/reputation/stackexchange-2018.ts';
import type { Connection } from '../shared/connection.ts';
import type { ShownEvidence } from './domain/evidence.ts';
import type { Score } from './domain/score.ts';

/** The scores that the viewer may see. */
export interface CreatorReputationMapper {
  readonly creatorId: string;
  /** The past instant at which it was asked for, as the warehouse writes instants; null for now. */
  readonly asAt: string | null;
  readonly dimensions: readonly Score[];
}
export type ReputationScoreMapper = Score;
export type ReputationEvidenceMapper = ShownEvidence;
export type ReputationEvidenceConnectionMapper = Connection<ShownEvidence>;
export type ReputationEvidenceEdgeMapper = Connection<ShownEvidence>['edges'][number];
export interface ReputationPointsMapper {
  readonly creatorId: string;
  readonly replay: PointsReplay;
}
export interface TrustLevelMapper {
  readonly creatorId: string;
  /** Null where nothing was decided yet. */
  readonly standing: NodeProps['TrustStanding'] | null;
}
export type BadgeMapper = GraphNode<'Badge'>;
export type BadgeConnectionMapper = Connection<GraphNode<'Badge'>>;
export type BadgeEdgeMapper = Connection<GraphNode<'Badge'>>['edges'][number];
export type CertificateMapper = GraphNode<'Certificate'>;
export type CertificateConnectionMapper = Connection<GraphNode<'Certificate'>>;
export type CertificateEdgeMapper = Connection<GraphNode<'Certificate'>>['edges'][number];
export type RatingDueMapper = GraphNode<'CollaborationRound'>;
export type RatingDueConnectionMapper = Connection<GraphNode<'CollaborationRound'>>;
export type RatingDueEdgeMapper = Connection<GraphNode<'CollaborationRound'>>['edges'][number];
export type AppealMapper = GraphNode<'Appeal'>;
export type AppealConnectionMapper = Connection<GraphNode<'Appeal'>>;
export type AppealEdgeMapper = Connection<GraphNode<'Appeal'>>['edges'][number];
export type ReputationPointMapper = Score;
export type ReputationHistoryConnectionMapper = Connection<Score>;
export type ReputationHistoryEdgeMapper = Connection<Score>['edges'][number];

/** The subgraph creators has its other fields. */
export interface CreatorMapper {
  readonly id: string;
}
