import type { Dimension } from '../graph/catalogue.ts';

/** A rule of the evidence table: what it gives in which dimension, and the sentence that explains it to whom it is about. */
export interface Rule {
  /** Signed weight at full trust, before credit shares and caps. */
  readonly weights: Readonly<Partial<Record<Dimension, number>>>;
  readonly description: string;
}

/**
 * What others' acts are worth. The weights are judgement, after design/reputation.md; they belong to `formulaVersion`. Which event
 * falls under which rule is in `streams/reputation/domain/evidence-table.ts`.
 */
export const rules = {
  WORK_APPROVED: { weights: { QUALITY: 0.3 }, description: 'Somebody judged a work of yours to be good.' },
  /** Whoever answers well teaches; that the answer is there serves everybody. */
  ANSWER_APPROVED: {
    weights: { MENTORSHIP: 0.2, COMMUNITY: 0.1 },
    description: 'Somebody judged an answer of yours to be good.',
  },
  /** About the work alone, an answer too: it says that this text is poor, not that its author teaches or serves others badly. */
  WORK_DISAPPROVED: { weights: { QUALITY: -0.3 }, description: 'Somebody judged a work of yours to be poor.' },
  ANSWER_ACCEPTED: { weights: { MENTORSHIP: 0.8, COMMUNITY: 0.1 }, description: 'Whoever asked accepted your answer.' },
  /** At weight 5 of 5. An endorsed skill counts as quality. */
  ENDORSED: {
    weights: { QUALITY: 0.3, COLLABORATION: 0.3, COMMUNITY: 0.3, MENTORSHIP: 0.3, INNOVATION: 0.3 },
    description: 'Somebody endorsed you.',
  },
  /** Divided by the number of works that the new one builds on. */
  WORK_REMIXED: {
    weights: { QUALITY: 0.2, INNOVATION: 0.8 },
    description: 'Somebody published a work that builds on yours.',
  },
  /** By whoever owns the work: they took the edit in. */
  EDIT_MERGED: {
    weights: { COLLABORATION: 0.6, QUALITY: 0.3 },
    description: 'Your edit of somebody else’s work was taken in.',
  },
  /** For the work that is talked about. What commenters say is their own act and gives them nothing. */
  WORK_DISCUSSED: { weights: { COMMUNITY: 0.05 }, description: 'Somebody commented on a work of yours.' },
  WORKED_TOGETHER: { weights: { COLLABORATION: 0.2 }, description: 'Somebody worked with you on the same work.' },
  /** At 5 of 5, and as much against at 1. Both sides are published at once. */
  RATED_BY_PARTNER: { weights: { COLLABORATION: 1 }, description: 'Somebody rated working with you.' },
  /** Only when the mentee says so, or a platform attests it. */
  MENTORSHIP_STARTED: { weights: { MENTORSHIP: 0.3 }, description: 'Somebody took you as their mentor.' },
  /** By a creator of standing, about a skill; until they take it back. A skill counts as quality. */
  CERTIFIED: { weights: { QUALITY: 0.5 }, description: 'A creator of standing certified a skill of yours.' },
  /** At gold. */
  BADGE_OF_COMMUNITY: { weights: { COMMUNITY: 0.5 }, description: 'Another platform awarded you a badge.' },
  /** At gold: a badge about a topic. */
  BADGE_OF_EXPERTISE: { weights: { QUALITY: 0.5 }, description: 'Another platform awarded you a badge for a topic.' },
} as const satisfies Record<string, Rule>;
export type RuleName = keyof typeof rules;
export const ruleNames = Object.keys(rules) as [RuleName, ...RuleName[]];

/** Of a badge's gold weight. */
export const badgeTierFactors = { GOLD: 1, SILVER: 0.6, BRONZE: 0.2 } as const;
/** The highest weight of an endorsement. */
export const endorsementWeightMax = 5;
