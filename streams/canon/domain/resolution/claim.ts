import type { EventSource } from '../../../../schema/events/envelope.ts';
import { type HlcTimestamp, compareHlc } from '../../../../schema/hlc.ts';
import type { ContradictionKind } from '../../../../schema/warehouse/tables.ts';
import type { Standing } from './standing.ts';

/** A claim of an event that does not agree with what canon has. */
export interface Contradiction {
  readonly kind: ContradictionKind;
  readonly reason: string;
}

/** What resolution looks at of an event. */
export interface Claim {
  readonly id: string;
  /** Kind and id of the entity whose chain it extends. */
  readonly entity: string;
  readonly version: number;
  readonly hlc: HlcTimestamp;
  readonly prevHash: string;
  readonly hash: string;
  readonly actor: string;
  readonly source: EventSource;
  readonly standing: Standing;
  readonly causedBy: readonly string[];
  /** Whether the entity exists after it; null for a change that says nothing about that. */
  readonly leavesAlive: boolean | null;
  /** Who may act on the entity from then on; null where the event does not say. */
  readonly owners: readonly string[] | null;
  /** Whether only owners may do this. */
  readonly needsOwner: boolean;
  /** How the entity began, in short, where the event says so and it can begin once only. */
  readonly begins?: string | undefined;
  /** What the event shows by itself. */
  readonly objections: readonly Contradiction[];
  /** Money, security or law hang on it: people decide, not rules. */
  readonly isHighValue: boolean;
  /** Type and payload in short: rivals that say the same agree. */
  readonly content: string;
  /** The term of the entity's home region under which it was written; see streams/canon/regions. */
  readonly epoch: number;
}

export type Verdict = 'ACCEPT' | 'REJECT' | 'FORK' | 'MERGE';

/** A reviewer's decision of a case. `favours` names the event that wins where several contend. */
export interface Ruling {
  readonly id: string;
  readonly hlc: HlcTimestamp;
  readonly caseId: string;
  readonly verdict: Verdict;
  readonly favours: string | null;
  readonly decider: string;
  readonly reason: string;
}

/** One elector's vote on a case. */
export interface Vote {
  readonly id: string;
  readonly hlc: HlcTimestamp;
  readonly caseId: string;
  readonly verdict: 'ACCEPT' | 'REJECT';
  readonly favours: string | null;
  readonly voter: string;
}

interface Dated {
  readonly id: string;
  readonly hlc: HlcTimestamp;
}

/** The order of all that happened, where causes do not say more: by clock, then entity, then id. */
export function comparePriority(
  a: Dated & { readonly entity?: string },
  b: Dated & { readonly entity?: string },
): number {
  return compareHlc(a.hlc, b.hlc) || compareText(a.entity ?? '', b.entity ?? '') || compareText(a.id, b.id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
