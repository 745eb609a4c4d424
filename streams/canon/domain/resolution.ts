import type { KnownEvent } from '../../../schema/events/catalogue.ts';
import type { EventSource } from '../../../schema/events/envelope.ts';
import type { CanonStatus, ContradictionKind } from '../../../schema/warehouse/tables.ts';
import type { Contradiction } from './chain.ts';

/** One entry of an event's status history. One with a contradiction repeats the status that stays. */
export interface StatusMove {
  readonly seq: number;
  readonly status: CanonStatus;
  readonly reason: string;
  readonly contradiction: ContradictionKind | null;
}

const initialStatus: Readonly<Record<EventSource, CanonStatus>> = {
  SYSTEM: 'CANONICAL',
  CREATOR: 'PROVISIONAL',
  IMVU: 'EMERGENT',
  EXTERNAL: 'PROPOSED',
};

/** Rounding of shares that were computed, in percent. */
const shareTolerance = 1e-6;

/** Breaks of business rules that an event shows by itself. */
export function logicalContradictions(event: KnownEvent): readonly Contradiction[] {
  if (!('credits' in event.payload)) return [];
  const total = event.payload.credits.reduce((sum, { sharePercent }) => sum + sharePercent, 0);
  if (total <= 100 + shareTolerance) return [];
  return [{ kind: 'LOGICAL', reason: `credits: shares add up to ${Math.round(total * 100) / 100} %, more than 100 %` }];
}

/**
 * The first resolution: what nothing contradicts becomes canonical, except what an agent did on its own, which waits for review. A
 * contradiction leaves the status as it is and goes on record.
 */
export function resolve(
  source: EventSource,
  contradictions: readonly Contradiction[],
): readonly [StatusMove, ...StatusMove[]] {
  const status = initialStatus[source];
  const initial: StatusMove = { seq: 0, status, reason: `initial status of source ${source}`, contradiction: null };
  if (contradictions.length > 0) {
    return [
      initial,
      ...contradictions.map(({ kind, reason }, index) => ({ seq: index + 1, status, reason, contradiction: kind })),
    ];
  }
  if (status !== 'PROVISIONAL' && status !== 'PROPOSED') return [initial];
  return [
    initial,
    { seq: 1, status: 'CANONICAL', reason: 'nothing in the chain of its entity contradicts', contradiction: null },
  ];
}
