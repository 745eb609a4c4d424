import { type RowOf, warehouseInstant } from '../../../schema/warehouse/tables.ts';
import type { Case } from './resolution/case.ts';
import { systemDecider } from './resolution/strategy.ts';

export type CaseRow = RowOf<'platform.canon_cases'>;

/** How long a reviewer has, in milliseconds; and how long again after each time that nobody decided. */
const reviewMs = 72 * 3_600_000;

export interface Occasion {
  /** When it was that something about the case changed, as the log says. */
  readonly atMs: number;
  readonly logKey: string;
}

const instantOf = (ms: number): string => warehouseInstant(ms * 1_000);

/** The next row of a case, or null where its newest one says all of this already. */
export function caseRow(given: Case, before: CaseRow | undefined, { atMs, logKey }: Occasion): CaseRow | null {
  const { settlement, entity } = given;
  const { verdict } = settlement;
  const state: CaseRow['state'] = verdict === 'OPEN' ? 'OPEN' : verdict === 'FORK' ? 'FORKED' : 'RESOLVED';
  const told = {
    case_id: given.id,
    ...entityOf(entity),
    kind: given.kind,
    event_ids: [...given.eventIds],
    parties: [...given.parties],
    state,
    strategy: settlement.strategy,
    verdict,
    favours: settlement.favours ?? '',
    decider: settlement.decider,
    reason: `${given.reason}; ${settlement.reason}`,
  };
  if (before && before.state === told.state && before.verdict === told.verdict && before.favours === told.favours)
    return null;
  const openedAt = before?.opened_at ?? instantOf(atMs);
  return {
    ...told,
    seq: before ? before.seq + 1 : 0,
    assignee: before?.assignee ?? '',
    due_at: state === 'OPEN' ? instantOf(atMs + reviewMs) : null,
    escalations: before?.escalations ?? 0,
    opened_at: openedAt,
    moved_at: instantOf(atMs),
    log_key: before?.log_key ?? logKey,
  };
}

/** A case that dissolved by itself: what it was about is not so any more. */
export function dissolved(before: CaseRow, atMs: number): CaseRow {
  return {
    ...before,
    seq: before.seq + 1,
    state: 'RESOLVED',
    verdict: 'ACCEPT',
    decider: systemDecider,
    reason: 'what stood against it does so no longer',
    due_at: null,
    moved_at: instantOf(atMs),
  };
}

/** The case in the hands of a reviewer until a time (ISO 8601). */
export function assigned(
  before: CaseRow,
  to: { readonly assignee: string; readonly by: string; readonly dueMs: number },
  atMs: number,
): CaseRow {
  return {
    ...before,
    seq: before.seq + 1,
    assignee: to.assignee,
    due_at: instantOf(to.dueMs),
    decider: to.by,
    reason: 'assigned to a reviewer',
    moved_at: instantOf(atMs),
  };
}

/** The case after its deadline passed: taken from its reviewer, and one step higher in the queue. Null while there is time. */
export function escalated(before: CaseRow, nowMs: number): CaseRow | null {
  if (before.state !== 'OPEN' || before.due_at === null || before.due_at > instantOf(nowMs)) return null;
  return {
    ...before,
    seq: before.seq + 1,
    assignee: '',
    due_at: instantOf(nowMs + reviewMs),
    escalations: before.escalations + 1,
    decider: systemDecider,
    reason: 'the deadline passed without a decision: escalated',
    moved_at: instantOf(nowMs),
  };
}

function entityOf(entity: string): { readonly entity_type: string; readonly entity_id: string } {
  const bar = entity.indexOf('|');
  return { entity_type: entity.slice(0, bar), entity_id: entity.slice(bar + 1) };
}
