import type { Recorded } from './recorded.ts';
import type { StatusRow } from './queries.ts';

export type CanonEventMapper = Recorded;
export type CanonStatusMoveMapper = StatusRow;

/** Other subgraphs have their other fields. */
interface Referenced {
  readonly id: string;
}
export type CreatorMapper = Referenced;
export type ArtifactMapper = Referenced;
