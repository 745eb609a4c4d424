import type { AppealState } from '../../../schema/graph/catalogue.ts';
import { textProblem } from '../../../schema/text-limits.ts';
import { type Decision, type UserError, decided, objected, userError } from '../../../schema/user-errors.ts';

const dayMs = 86_400_000;
export const appealLimits = {
  text: { min: 10, max: 2_000 },
  waitingMax: 10,
  /** From opening to decision. */
  dueMs: 14 * dayMs,
  /** How long a case is its reviewer's alone. */
  heldMs: 7 * dayMs,
} as const;

/** What is known when somebody wants to appeal. */
export interface OpeningState {
  /** The piece of evidence; null where it does not exist or is not about the actor. */
  readonly piece: { readonly counted: number } | null;
  /** How an earlier appeal against it stands; null where there was none. */
  readonly earlier: AppealState | null;
  readonly waiting: number;
}

/** Whether somebody can appeal: against what counts against them, once, in their own words. */
export function decideOpening(state: OpeningState, text: string): Decision<null> {
  const errors: UserError[] = [];
  const problem = textProblem(text, appealLimits.text);
  if (problem !== null) errors.push(userError('INVALID', `text ${problem}`, 'input', 'text'));
  const at = ['input', 'evidenceId'] as const;
  if (state.piece === null) errors.push(userError('NOT_FOUND', 'there is no such piece of evidence about you', ...at));
  else if (state.earlier === 'OPEN' || state.earlier === 'TAKEN')
    errors.push(userError('ALREADY_DONE', 'your appeal against it waits for its decision', ...at));
  else if (state.earlier !== null)
    errors.push(userError('ALREADY_DONE', 'there was an appeal against it: its decision stands', ...at));
  else if (state.piece.counted >= 0) errors.push(userError('INVALID', 'it does not count against you', ...at));
  if (state.waiting >= appealLimits.waitingMax)
    errors.push(
      userError('LIMIT_EXCEEDED', `${appealLimits.waitingMax} of your appeals wait for a decision already`, 'input'),
    );
  return errors.length > 0 ? objected(...errors) : decided(null);
}

/** A case as reviewers meet it. */
export interface Case {
  readonly creatorId: string;
  readonly state: AppealState;
  readonly reviewerId: string;
  readonly heldUntil: string;
  /** Who gave the evidence. */
  readonly sourceId: string;
}

/** Whether somebody may take a case in hand: nobody their own, nor one about their own word, nor one that another has. */
export function decideTaking(appeal: Case | null, reviewer: string, nowIso: string): Decision<null> {
  const objection = caseObjection(appeal, reviewer);
  if (objection !== null) return objected(objection);
  const isHeld = appeal?.state === 'TAKEN' && appeal.reviewerId !== reviewer && appeal.heldUntil > nowIso;
  return isHeld
    ? objected(userError('CONFLICT', 'another reviewer has it in hand', 'input', 'appealId'))
    : decided(null);
}

/** Whether somebody may decide a case: who has it in hand, and nobody else. */
export function decideDeciding(appeal: Case | null, reviewer: string, reason: string): Decision<null> {
  const objection = caseObjection(appeal, reviewer);
  if (objection !== null) return objected(objection);
  if (appeal?.state !== 'TAKEN' || appeal.reviewerId !== reviewer)
    return objected(userError('FORBIDDEN', 'take the case in hand first: takeAppeal', 'input', 'appealId'));
  const problem = textProblem(reason, appealLimits.text);
  return problem === null ? decided(null) : objected(userError('INVALID', `reason ${problem}`, 'input', 'reason'));
}

function caseObjection(appeal: Case | null, reviewer: string): UserError | null {
  const at = ['input', 'appealId'] as const;
  if (appeal === null) return userError('NOT_FOUND', 'there is no such appeal', ...at);
  if (appeal.creatorId === reviewer) return userError('SELF_REFERENCE', 'nobody reviews their own case', ...at);
  if (appeal.sourceId === reviewer) return userError('FORBIDDEN', 'you are a party to this case', ...at);
  if (appeal.state === 'UPHELD' || appeal.state === 'REJECTED')
    return userError('ALREADY_DONE', 'it is decided already', ...at);
  return null;
}
