import { type Decision, type UserError, decided, objected, userError } from '../../../schema/user-errors.ts';

/** What is known of two creators before something is to begin or end between them. */
export interface PairState {
  readonly isSelf: boolean;
  readonly isFromKnown: boolean;
  readonly isToKnown: boolean;
  /** Whether one of both has left for good: what stands may end, nothing begins. */
  readonly isGone: boolean;
  /** Which of both blocks the other; `FROM` where both do. */
  readonly blockedBy: 'FROM' | 'TO' | null;
  /** Whether the relationship stands already. */
  readonly stands: boolean;
}

/** How objections are told: the input field that names the other creator, and what to say about a repetition. */
export interface Wording {
  readonly field: string;
  readonly repeated: string;
}

function strangers(state: PairState, field: string): UserError | null {
  if (state.isSelf) return userError('SELF_REFERENCE', 'this cannot be done to oneself', 'input', field);
  if (!state.isFromKnown) return userError('NOT_FOUND', 'whoever asks for this has no creator', 'input');
  if (!state.isToKnown) return userError('NOT_FOUND', 'there is no such creator', 'input', field);
  return null;
}

/** Judges the beginning of a relationship that stands at most once. */
export function decideStart(state: PairState, wording: Wording): Decision<PairState> {
  const refusal = strangers(state, wording.field) ?? goneOf(state, wording.field) ?? blockOf(state, wording.field);
  if (refusal !== null) return objected(refusal);
  if (state.stands) return objected(userError('ALREADY_DONE', wording.repeated, 'input', wording.field));
  return decided(state);
}

/** Judges the end of a relationship. A block does not stand against it. */
export function decideEnd(state: PairState, wording: Wording): Decision<PairState> {
  const refusal = strangers(state, wording.field);
  if (refusal !== null) return objected(refusal);
  if (!state.stands) return objected(userError('ALREADY_DONE', wording.repeated, 'input', wording.field));
  return decided(state);
}

function goneOf({ isGone }: PairState, field: string): UserError | null {
  return isGone ? userError('INVALID', 'this account is closed', 'input', field) : null;
}

function blockOf({ blockedBy }: PairState, field: string): UserError | null {
  if (blockedBy === 'FROM') return userError('BLOCKED', 'you block this creator: unblock them first', 'input', field);
  if (blockedBy === 'TO') return userError('BLOCKED', 'this creator does not want that from you', 'input', field);
  return null;
}
