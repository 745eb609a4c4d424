import { textLimits, textProblem } from '../../../schema/text-limits.ts';
import { type Decision, type UserError, decided, objected, userError } from '../../../schema/user-errors.ts';
import type { RowOf } from '../../../schema/warehouse/tables.ts';
import type { Reader } from './access.ts';

/** A case as its newest row tells it. */
export type CaseRow = RowOf<'platform.canon_cases'>;
export type Verdict = 'ACCEPT' | 'REJECT' | 'FORK' | 'MERGE';

/** How long a reviewer has where nobody says, and at most. In milliseconds. */
const dueMs = { default: 72 * 3_600_000, max: 90 * 24 * 3_600_000 } as const;

/** Whether somebody sees every case. */
export function seesAllCases({ scopes }: Reader): boolean {
  return ['guardian', 'audit', 'elector'].some((scope) => scopes.includes(scope));
}

/** Whether somebody may see a case. `visibleCasesSql` in cases.ts says the same to the warehouse. */
export function maySeeCase(row: Pick<CaseRow, 'parties' | 'assignee'>, reader: Reader): boolean {
  const { creatorId } = reader;
  return (
    seesAllCases(reader) || (creatorId !== null && (row.parties.includes(creatorId) || row.assignee === creatorId))
  );
}

/** Who acts on a case. */
export interface Reviewer {
  readonly id: string;
  readonly isGuardian: boolean;
}

export interface Ruling {
  readonly verdict: Verdict;
  /** Null where one event is in dispute. */
  readonly favours: string | null;
}

const at = (field: string): readonly string[] => ['input', field];

/** What stands against anybody's acting on a case: it is not there, has moved on, is decided, or is their own. */
function objectionTo(
  row: CaseRow | null,
  about: { readonly actorId: string; readonly expectedVersion: number },
): UserError | null {
  if (row === null) return userError('NOT_FOUND', 'there is no such case, or none for you', ...at('caseId'));
  if (row.parties.includes(about.actorId))
    return userError('FORBIDDEN', 'you are a party of this case: others decide it', ...at('caseId'));
  if (row.state === 'RESOLVED')
    return userError('ALREADY_DONE', `it is decided already: ${row.verdict}`, ...at('caseId'));
  if (row.seq !== about.expectedVersion)
    return userError(
      'CONFLICT',
      `the case is at version ${row.seq}, not ${about.expectedVersion}: read it again`,
      ...at('expectedVersion'),
    );
  return null;
}

/** Whether a guardian may give a case to somebody, and until when they have it (ISO 8601). */
export function decideAssignment(
  row: CaseRow | null,
  asked: {
    readonly actorId: string;
    readonly assigneeId: string;
    readonly isAssigneeKnown: boolean;
    readonly expectedVersion: number;
    /** ISO 8601. */
    readonly dueAt: string | null;
    readonly nowIso: string;
  },
): Decision<{ readonly row: CaseRow; readonly dueAt: string }> {
  const objection = objectionTo(row, asked);
  if (objection !== null || row === null) return objected(...(objection ? [objection] : []));
  if (row.state !== 'OPEN')
    return objected(userError('INVALID', 'only an open case is given to a reviewer', ...at('caseId')));
  if (!asked.isAssigneeKnown)
    return objected(userError('NOT_FOUND', 'there is no creator of this id', ...at('assigneeId')));
  if (row.parties.includes(asked.assigneeId))
    return objected(userError('FORBIDDEN', 'this creator is a party of the case', ...at('assigneeId')));
  const nowMs = Date.parse(asked.nowIso);
  const due = asked.dueAt === null ? nowMs + dueMs.default : Date.parse(asked.dueAt);
  if (!(due > nowMs && due <= nowMs + dueMs.max))
    return objected(userError('INVALID', 'dueAt must be in the future, within 90 days', ...at('dueAt')));
  return decided({ row, dueAt: new Date(due).toISOString() });
}

/** Whether somebody may decide a case so: a guardian or its assigned reviewer, and no party of it. */
export function decideRuling(
  row: CaseRow | null,
  asked: Ruling & { readonly by: Reviewer; readonly note: string | null; readonly expectedVersion: number },
): Decision<{ readonly row: CaseRow; readonly ruling: Ruling }> {
  const { by, verdict, note } = asked;
  const objection = objectionTo(row, { actorId: by.id, expectedVersion: asked.expectedVersion });
  if (objection !== null || row === null) return objected(...(objection ? [objection] : []));
  if (!by.isGuardian && row.assignee !== by.id)
    return objected(
      userError('FORBIDDEN', 'guardians (scope "guardian") and the assigned reviewer decide a case', ...at('caseId')),
    );
  if (row.state === 'FORKED' && verdict === 'FORK')
    return objected(userError('ALREADY_DONE', 'it is forked already: reconcile its branches', ...at('verdict')));
  const isContest = row.event_ids.length > 1;
  if (verdict === 'MERGE' && !isContest)
    return objected(userError('INVALID', 'there is nothing to merge: one event is in dispute', ...at('verdict')));
  const favoured = favouredOf(row, asked);
  if (!favoured.ok) return favoured;
  const problem = note === null ? null : textProblem(note, textLimits.note);
  if (problem !== null) return objected(userError('INVALID', `note ${problem}`, ...at('note')));
  return decided({ row, ruling: { verdict, favours: favoured.value } });
}

/** Whether an elector may vote so. */
export function decideVote(
  row: CaseRow | null,
  asked: {
    readonly actorId: string;
    readonly isFor: boolean;
    readonly favours: string | null;
    readonly expectedVersion: number;
  },
): Decision<{ readonly row: CaseRow; readonly ruling: Ruling & { readonly verdict: 'ACCEPT' | 'REJECT' } }> {
  const objection = objectionTo(row, asked);
  if (objection !== null || row === null) return objected(...(objection ? [objection] : []));
  if (row.state !== 'OPEN') return objected(userError('INVALID', 'only open cases are voted on', ...at('caseId')));
  const verdict = asked.isFor ? 'ACCEPT' : 'REJECT';
  const favoured = favouredOf(row, { verdict, favours: asked.favours });
  return favoured.ok ? decided({ row, ruling: { verdict, favours: favoured.value } }) : favoured;
}

/** Where several events contend, whoever lets one of them stand says which. */
function favouredOf(row: CaseRow, { verdict, favours }: Ruling): Decision<string | null> {
  if (row.event_ids.length === 1) return decided(null);
  if (favours !== null && !row.event_ids.includes(favours))
    return objected(userError('INVALID', 'favours must be one of the events in dispute', ...at('favours')));
  if (verdict === 'ACCEPT' && favours === null)
    return objected(userError('INVALID', 'favours is missing: say which of the events is to win', ...at('favours')));
  return decided(favours);
}

/** The decision that ends a branch so. Abandoned, the side that was the main line stands. */
export function reconciliationOf(row: CaseRow, branchId: string, outcome: 'ADOPT' | 'ABANDON'): Ruling {
  if (row.event_ids.length === 1) return { verdict: outcome === 'ADOPT' ? 'ACCEPT' : 'REJECT', favours: null };
  return { verdict: 'ACCEPT', favours: outcome === 'ADOPT' ? branchId : row.favours };
}
