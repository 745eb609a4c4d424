import { type Dimension, dimensions } from '../../../schema/graph/catalogue.ts';
import { canonicalSkill, skillLimits } from '../../../schema/graph/skill.ts';
import { textProblem } from '../../../schema/text-limits.ts';
import { type Decision, type UserError, decided, objected, userError } from '../../../schema/user-errors.ts';

const noteLimit = { min: 0, max: 500 } as const;

/** What an endorsement vouches for. */
export type EndorsementTarget = { readonly skill: string } | { readonly dimension: Dimension };

export interface TargetInput {
  readonly skill?: string | null | undefined;
  readonly dimension?: Dimension | null | undefined;
}

/** The target that exactly one of both fields names, the skill in canonical form. */
export function readTarget({ skill, dimension }: TargetInput): Decision<EndorsementTarget> {
  if ((skill == null) === (dimension == null))
    return objected(
      userError('INVALID', 'give exactly one of skill and dimension', 'input', skill == null ? 'skill' : 'dimension'),
    );
  if (dimension != null) return decided({ dimension });
  const canonical = canonicalSkill(skill ?? '');
  if (canonical === null)
    return objected(
      userError(
        'INVALID',
        `skill must have 1 to ${skillLimits.lengthMax} characters, none of them a control or invisible one`,
        'input',
        'skill',
      ),
    );
  return decided({ skill: canonical });
}

/** What is wrong with the strength and the words of an endorsement. */
export function endorsementProblems({
  weight,
  note,
}: {
  readonly weight: number;
  readonly note: string;
}): readonly UserError[] {
  const errors: UserError[] = [];
  if (!Number.isInteger(weight) || weight < 1 || weight > 5)
    errors.push(userError('INVALID', `weight must be a whole number from 1 to 5, not ${weight}`, 'input', 'weight'));
  const problem = textProblem(note, noteLimit);
  if (problem !== null) errors.push(userError('INVALID', `note ${problem}`, 'input', 'note'));
  return errors;
}

/** The edge's key, which tells one creator's endorsements of another apart. */
export function keyOf(target: EndorsementTarget): string {
  return 'skill' in target ? `SKILL:${target.skill}` : `DIMENSION:${target.dimension}`;
}

/** Reads what {@link keyOf} wrote. */
export function targetOf(key: string): EndorsementTarget {
  const name = key.slice(key.indexOf(':') + 1);
  const dimension = key.startsWith('DIMENSION:') ? dimensions.find((known) => known === name) : undefined;
  return dimension === undefined ? { skill: name } : { dimension };
}
