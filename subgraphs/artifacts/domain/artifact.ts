import type { NodeProps } from '../../../schema/graph/catalogue.ts';
import { type UserError, userError } from '../../../schema/user-errors.ts';

export type ArtifactProps = NodeProps['Artifact'];
export type Credit = ArtifactProps['credits'][number];

/** Who acts. A platform attests what its anonymous members did; it owns nothing and is credited for nothing. */
export interface Actor {
  readonly id: string;
  readonly isPlatform: boolean;
}

/** Whoever is credited owns the work: may revise it and accept what is derived from it. */
export function isCredited(artifact: ArtifactProps, creatorId: string): boolean {
  return artifact.credits.some((credit) => credit.creatorId === creatorId);
}

/** PUBLIC work is for everybody; RESTRICTED and PRIVATE work for those credited for it. */
export function isVisibleTo(artifact: ArtifactProps, viewerId: string | null): boolean {
  return artifact.visibility === 'PUBLIC' || (viewerId !== null && isCredited(artifact, viewerId));
}

/** The objection to an artifact that is absent or not for the actor: both get the same answer. */
export function unknownArtifact(id: string): UserError {
  return userError('NOT_FOUND', `there is no artifact ${id} that you can see`, 'input', 'artifactId');
}

/** An artifact together with whether it derives from another: what events about it tell. */
export interface KnownArtifact {
  readonly id: string;
  readonly props: ArtifactProps;
  readonly isDerived: boolean;
}

/** What every event about somebody else's work says of it. */
export function aboutArtifact(artifact: KnownArtifact): {
  artifactId: string;
  artifactKind: ArtifactProps['kind'];
  isDerived: boolean;
  credits: Credit[];
} {
  return {
    artifactId: artifact.id,
    artifactKind: artifact.props.kind,
    isDerived: artifact.isDerived,
    credits: [...artifact.props.credits],
  };
}
