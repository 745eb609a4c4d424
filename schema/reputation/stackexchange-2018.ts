/**
 * The reputation rules of Stack Exchange as they were in 2018 (help center, "What is reputation?"): the second formula that the platform can replay a
 * ledger by. A community that came from there finds its own numbers again.
 */
export const stackExchange2018 = 'stackexchange-2018';

/** Points by what happened. Amounts of bounties are the askers' own. */
export const pointsOf = {
  QUESTION_APPROVED: 5,
  ANSWER_APPROVED: 10,
  WORK_DISAPPROVED: -2,
  ANSWER_ACCEPTED: 15,
  ACCEPTED_AN_ANSWER: 2,
  /** A suggested edit of another's post that was approved. */
  EDIT_TAKEN: 2,
  /** Whoever has 200 points in another community of the network starts with this. */
  ASSOCIATION: 100,
} as const;
const startingPoints = 1;
/** Of a day's votes and edits; acceptances and bounties come on top. */
const dayCap = 200;
const underCap: ReadonlySet<string> = new Set([
  'QUESTION_APPROVED',
  'ANSWER_APPROVED',
  'WORK_DISAPPROVED',
  'EDIT_TAKEN',
]);

export const pointsReasons = [
  'QUESTION_APPROVED',
  'ANSWER_APPROVED',
  'WORK_DISAPPROVED',
  'ANSWER_ACCEPTED',
  'ACCEPTED_AN_ANSWER',
  'EDIT_TAKEN',
  'ASSOCIATION',
  'BOUNTY',
] as const;
export type PointsReason = (typeof pointsReasons)[number];

/** What nothing else on this platform tells: the other platform attests it. */
export const attestedReasons = ['EDIT_TAKEN', 'ASSOCIATION', 'BOUNTY'] as const satisfies readonly PointsReason[];

/** One thing that gives or takes points. */
export interface PointsAct {
  /** `YYYY-MM-DD`, UTC: the rules know days, not hours. */
  readonly day: string;
  readonly reason: PointsReason;
  /** Before caps. */
  readonly points: number;
  /** Orders what happened on one day. */
  readonly id: string;
}

export interface PointsEntry extends PointsAct {
  /** What it changed in the end: with the starting point they add up to the total. */
  readonly counted: number;
}

export interface PointsReplay {
  readonly points: number;
  /** Oldest first. */
  readonly entries: readonly PointsEntry[];
}

/** Replays what happened, in whatever order it is given. Nobody falls below the starting point. */
export function replayPoints(acts: readonly PointsAct[]): PointsReplay {
  const sorted = [...acts].sort(
    (a, b) => compare(a.day, b.day) || b.points - a.points || compare(a.reason, b.reason) || compare(a.id, b.id),
  );
  let [total, day, ofDay] = [startingPoints, '', 0];
  const entries = sorted.map((act): PointsEntry => {
    if (act.day !== day) [day, ofDay] = [act.day, 0];
    let counted = act.points;
    if (underCap.has(act.reason)) {
      const before = Math.min(dayCap, ofDay);
      ofDay += counted;
      counted = Math.min(dayCap, ofDay) - before;
    }
    counted = Math.max(startingPoints, total + counted) - total;
    total += counted;
    return { ...act, counted };
  });
  return { points: total, entries };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
