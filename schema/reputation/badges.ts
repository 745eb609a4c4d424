import type { Dimension } from '../graph/catalogue.ts';
import { hysteresis } from './levels.ts';
import type { RuleName } from './rules.ts';

/**
 * What a badge asks for, as data that the platform evaluates. ACTS: so many different people, each by evidence that counts under these rules. SCORE: the lower end
 * of a dimension's interval, with so much evidence. SKILL, for each skill by itself: so many endorsements by creators of a level, or a certificate that holds.
 */
export type BadgeCriteria =
  | {
      readonly kind: 'ACTS';
      readonly rules: readonly RuleName[];
      readonly dimension: Dimension;
      readonly sources: number;
      /** What such people did, in words. */
      readonly deed: string;
    }
  | { readonly kind: 'SCORE'; readonly dimension: Dimension; readonly low: number; readonly evidence: number }
  | { readonly kind: 'SKILL'; readonly dimension: Dimension; readonly endorsers: number; readonly level: number };

/** A definition is never edited once it has landed: a change is a new version, with its own date. */
export interface BadgeDefinition {
  readonly id: string;
  /** Semantic version. */
  readonly version: string;
  /** From when on it is awarded, ISO 8601. */
  readonly since: string;
  readonly name: string;
  /** The criteria in words. */
  readonly text: string;
  readonly criteria: BadgeCriteria;
}

const since = '2026-11-28T00:00:00.000Z';

/** The newest version of each badge. The numbers are judgement. */
export const badges: readonly BadgeDefinition[] = [
  {
    id: 'SKILLED',
    version: '1.0.0',
    since,
    name: 'Skilled',
    text: 'Three creators at level TRUSTED or above endorse the skill, or a creator of standing certifies it.',
    criteria: { kind: 'SKILL', dimension: 'QUALITY', endorsers: 3, level: 1 },
  },
  {
    id: 'TEACHER',
    version: '1.0.0',
    since,
    name: 'Teacher',
    text: 'Ten people accepted an answer.',
    criteria: {
      kind: 'ACTS',
      rules: ['ANSWER_ACCEPTED'],
      dimension: 'MENTORSHIP',
      sources: 10,
      deed: 'accepted an answer',
    },
  },
  {
    id: 'SOURCE',
    version: '1.0.0',
    since,
    name: 'Source',
    text: 'Five creators published works that build on theirs.',
    criteria: {
      kind: 'ACTS',
      rules: ['WORK_REMIXED'],
      dimension: 'INNOVATION',
      sources: 5,
      deed: 'published works that build on theirs',
    },
  },
  {
    id: 'HELPING_HAND',
    version: '1.0.0',
    since,
    name: 'Helping hand',
    text: 'Five creators took in an edit of their work, or worked with them.',
    criteria: {
      kind: 'ACTS',
      rules: ['EDIT_MERGED', 'WORKED_TOGETHER'],
      dimension: 'COLLABORATION',
      sources: 5,
      deed: 'took in an edit of their work, or worked with them',
    },
  },
  {
    id: 'STEADY_HAND',
    version: '1.0.0',
    since,
    name: 'Steady hand',
    text: 'The lower end of the score for quality is 80 or more, over fifty pieces of evidence.',
    criteria: { kind: 'SCORE', dimension: 'QUALITY', low: 80, evidence: 50 },
  },
];

/** What badges are decided from. */
export interface BadgeFacts {
  readonly scores: Readonly<Partial<Record<Dimension, { readonly low: number; readonly evidence: number }>>>;
  /** By id of a badge that asks for acts: different people by whose evidence something counts under any of its rules. Whoever acted under two of them is one person. */
  readonly people: Readonly<Partial<Record<string, number>>>;
  /** By skill: endorsers' levels, and certificates that hold. */
  readonly skills: ReadonlyMap<string, { readonly levels: readonly number[]; readonly certificates: number }>;
}

export interface EarnedBadge {
  readonly definition: BadgeDefinition;
  /** Empty for badges that are about no skill. */
  readonly skill: string;
  /** What met the criteria, in words. */
  readonly evidence: readonly string[];
}

/**
 * The badges whose criteria these facts meet. `isHeld` says which of them the creator has: a score that earned one must fall below 90 % of what
 * it asks for before it is lost.
 */
export function earnedBadges(facts: BadgeFacts, isHeld: (badge: string) => boolean): readonly EarnedBadge[] {
  return badges.flatMap((definition) =>
    meeting(definition, facts, isHeld(definition.id)).map((met) => ({ definition, ...met })),
  );
}

function meeting(
  { id, criteria }: BadgeDefinition,
  facts: BadgeFacts,
  isHeld: boolean,
): readonly Omit<EarnedBadge, 'definition'>[] {
  switch (criteria.kind) {
    case 'ACTS': {
      const count = facts.people[id] ?? 0;
      return count >= criteria.sources ? [{ skill: '', evidence: [`${count} people ${criteria.deed}`] }] : [];
    }
    case 'SCORE': {
      const share = isHeld ? hysteresis.downShare : 1;
      const score = facts.scores[criteria.dimension];
      const isMet =
        score !== undefined && score.low >= criteria.low * share && score.evidence >= criteria.evidence * share;
      return isMet
        ? [
            {
              skill: '',
              evidence: [`a lower end of ${score.low.toFixed(1)} over ${score.evidence} pieces of evidence`],
            },
          ]
        : [];
    }
    case 'SKILL':
      return [...facts.skills].flatMap(([skill, { levels, certificates }]) => {
        const endorsers = levels.filter((level) => level >= criteria.level).length;
        if (endorsers < criteria.endorsers && certificates === 0) return [];
        const evidence = [
          ...(endorsers > 0
            ? [`${endorsers} endorsement${endorsers === 1 ? '' : 's'} by creators of level ${criteria.level} or above`]
            : []),
          ...(certificates > 0
            ? [`${certificates} certificate${certificates === 1 ? '' : 's'} by creators of standing`]
            : []),
        ];
        return [{ skill, evidence }];
      });
  }
}
