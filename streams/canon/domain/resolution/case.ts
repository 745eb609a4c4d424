import type { ContradictionKind } from '../../../../schema/warehouse/tables.ts';
import type { Verdict } from './claim.ts';

export const strategies = ['TRUST', 'TEMPORAL_PRIORITY', 'MAJORITY', 'MANUAL', 'FORK'] as const;
export type Strategy = (typeof strategies)[number];

/** How a case stands. An open one waits: for a reviewer, for votes, or for a cause to arrive. */
export interface Settlement {
  readonly strategy: Strategy;
  readonly verdict: Verdict | 'OPEN';
  /** The event that won, where several contended. */
  readonly favours: string | null;
  readonly decider: string;
  readonly reason: string;
}

/** Something that stands against an event; or, without a kind, the review that an EMERGENT event waits for. */
export interface Case {
  readonly id: string;
  readonly entity: string;
  readonly kind: ContradictionKind | null;
  /** The events in dispute: one, or all that contend for one place in a chain. */
  readonly eventIds: readonly string[];
  /** Nobody decides on their own case. */
  readonly parties: readonly string[];
  readonly reason: string;
  readonly settlement: Settlement;
}

/** The id of the case of one event; contests have {@link contestId}. */
export function caseId(kind: ContradictionKind | null, eventId: string): string {
  return `${kind ?? 'EMERGENT'}:${eventId}`;
}

/** The id of the case of those that contend for the place after one event of an entity. */
export function contestId(entity: string, prevHash: string): string {
  return `RIVALS:${entity}:${prevHash.slice(0, 16)}`;
}

/** The entity of a contest's case, whose id {@link contestId} made; null for a case of one event. */
export function contestedEntity(id: string): string | null {
  return /^RIVALS:(.+):[^:]{1,16}$/.exec(id)?.[1] ?? null;
}
