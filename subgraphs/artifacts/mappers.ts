import type { GraphNode } from '../../engines/graph-store/port.ts';
import type { Connection } from '../shared/connection.ts';
import type { Credit } from './domain/artifact.ts';

export type ArtifactMapper = GraphNode<'Artifact'>;
export type ArtifactRevisionMapper = GraphNode<'ArtifactRevision'>;
export type ContributionMapper = GraphNode<'Contribution'>;
export type CreditMapper = Credit;

/** The subgraph creators has its other fields. */
export interface CreatorMapper {
  readonly id: string;
}

/** A work at the other end of a derivation. */
export interface Derivation {
  readonly artifact: GraphNode<'Artifact'>;
  readonly since: string;
}
export type DerivationConnectionMapper = Connection<Derivation>;
export type DerivationEdgeMapper = Connection<Derivation>['edges'][number];
