import type { PayloadOf } from '../../../schema/events/catalogue.ts';
import { type CommandContext, type CommandResult, accepted, record, refused } from '../../shared/command.ts';
import { type CaseRow, type Verdict, decideAssignment, decideRuling, decideVote } from '../domain/review.ts';

type Ground = PayloadOf<'canon.review-decided'>['ground'];

interface CaseAnswer {
  readonly caseId: string;
}

/** A case as the warehouse has it, null for none that the actor may see. The processor judges once more: it knows what has not arrived there yet. */
interface AboutCase {
  readonly row: CaseRow | null;
  readonly expectedVersion: number;
}

const about = ({ case_id, log_key }: CaseRow): { caseId: string; logKey: string } => ({
  caseId: case_id,
  logKey: log_key,
});

/** Gives a case to a reviewer. */
export async function assignReview(
  context: CommandContext,
  input: AboutCase & { readonly assigneeId: string; readonly dueAt: string | null },
): Promise<CommandResult<CaseAnswer>> {
  const { row, ...asked } = input;
  const [assignee] = await context.tx.get('Creator', [input.assigneeId]);
  const decision = decideAssignment(row, {
    ...asked,
    actorId: context.actor.id,
    isAssigneeKnown: assignee != null && assignee.props.state !== 'MIGRATED',
    nowIso: context.nowIso,
  });
  if (!decision.ok) return refused(...decision.errors);
  const { dueAt } = decision.value;
  const event = await record(context, {
    type: 'canon.review-assigned',
    entityId: decision.value.row.case_id,
    payload: { ...about(decision.value.row), assigneeId: input.assigneeId, dueAt },
  });
  return accepted({ caseId: decision.value.row.case_id }, [event]);
}

/** Decides a case. What the reviewer writes beside it is sealed under their key. */
export async function decideCase(
  context: CommandContext,
  input: AboutCase & {
    readonly verdict: Verdict;
    readonly favours: string | null;
    readonly ground: Ground;
    readonly note: string | null;
    readonly isGuardian: boolean;
  },
): Promise<CommandResult<CaseAnswer>> {
  const { id } = context.actor;
  const decision = decideRuling(input.row, { ...input, by: { id, isGuardian: input.isGuardian } });
  if (!decision.ok) return refused(...decision.errors);
  const { row, ruling } = decision.value;
  const { ground, note } = input;
  const event = await record(context, {
    type: 'canon.review-decided',
    entityId: row.case_id,
    payload: { ...about(row), ...ruling, ground },
    ...(note !== null && note !== '' && { personal: { [id]: { note } } }),
  });
  return accepted({ caseId: row.case_id }, [event]);
}

/** Votes on a case. */
export async function voteOnCase(
  context: CommandContext,
  input: AboutCase & { readonly isFor: boolean; readonly favours: string | null },
): Promise<CommandResult<CaseAnswer>> {
  const decision = decideVote(input.row, { ...input, actorId: context.actor.id });
  if (!decision.ok) return refused(...decision.errors);
  const { row, ruling } = decision.value;
  const event = await record(context, {
    type: 'canon.vote-cast',
    entityId: row.case_id,
    payload: { ...about(row), ...ruling },
  });
  return accepted({ caseId: row.case_id }, [event]);
}
