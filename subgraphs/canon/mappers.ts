import type { Recorded } from './recorded.ts';
import type { BranchRow } from './branches.ts';
import type { CaseRow } from './domain/review.ts';
import type { SignedManifest } from './manifest.ts';
import type { StatusRow } from './queries.ts';

export type CanonEventMapper = Recorded;
export type CanonStatusMoveMapper = StatusRow;
export type CanonContradictionMapper = CaseRow;
export type CanonCaseMoveMapper = CaseRow;
export type CanonBranchMapper = BranchRow;

/** Other subgraphs have their other fields. */
interface Referenced {
  readonly id: string;
}
export type ArtifactManifestMapper = SignedManifest;
export type CreatorMapper = Referenced;
export type ArtifactMapper = Referenced;
