import { type UserError, userError } from '../../../schema/user-errors.ts';

const dayMs = 86_400_000;
export const roundLimits = {
  /** How long the one who was rated has to rate the other, before the rating is published alone. */
  openMs: 14 * dayMs,
  /** How long after one round the next can be opened: what a source may give in that time is capped anyway. */
  betweenMs: 30 * dayMs,
  ratingMax: 5,
} as const;

/** What is known of two creators who rate how it was to work together. Instants are ISO 8601; '' where it has not happened. */
export interface Round {
  readonly raterId: string;
  readonly partnerId: string;
  readonly rating: number;
  readonly dueAt: string;
  readonly publishedAt: string;
}

/** A rating that is published: by whom, of whom, 1 to 5. */
export interface Rating {
  readonly source: string;
  readonly target: string;
  readonly rating: number;
}

export type RoundDecision =
  | { readonly kind: 'open' }
  | { readonly kind: 'publish'; readonly ratings: readonly Rating[] }
  | { readonly kind: 'refuse'; readonly error: UserError };

const refuse = (code: Parameters<typeof userError>[0], message: string, ...path: string[]): RoundDecision => ({
  kind: 'refuse',
  error: userError(code, message, 'input', ...path),
});

/**
 * What a rating does. The first of a pair waits, unseen by the other; the second publishes both at once, so that nobody can pay back what they were given. What came too late is refused: the first rating has been
 * published, or is about to be.
 */
export function decideRating(
  round: Round | null,
  asked: { readonly actorId: string; readonly partnerId: string; readonly rating: number; readonly nowIso: string },
): RoundDecision {
  const { actorId, partnerId, rating, nowIso } = asked;
  if (!Number.isInteger(rating) || rating < 1 || rating > roundLimits.ratingMax)
    return refuse('INVALID', `rating must be a whole number from 1 to ${roundLimits.ratingMax}`, 'rating');
  if (round === null) return { kind: 'open' };
  if (round.publishedAt !== '') {
    const nextIso = new Date(Date.parse(round.publishedAt) + roundLimits.betweenMs).toISOString();
    return nowIso < nextIso
      ? refuse('ALREADY_DONE', `you can rate each other again from ${nextIso}`)
      : { kind: 'open' };
  }
  if (round.raterId === actorId)
    return refuse('ALREADY_DONE', `your rating waits for theirs, until ${round.dueAt} at the latest`);
  if (nowIso >= round.dueAt) return refuse('ALREADY_DONE', `the time to rate ended at ${round.dueAt}`);
  return { kind: 'publish', ratings: [...waiting(round), { source: actorId, target: partnerId, rating }] };
}

/** The rating that a round holds back. */
export function waiting({ raterId, partnerId, rating }: Round): readonly Rating[] {
  return [{ source: raterId, target: partnerId, rating }];
}

/** Of the rule's weight: 1 for the best rating, -1 for the worst, 0 for the middle one. */
export const shareOf = (rating: number): number => (rating - 3) / 2;
