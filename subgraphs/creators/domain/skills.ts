import { canonicalSkill, skillLimits } from '../../../schema/graph/skill.ts';
import { type Decision, decided, objected, userError } from '../../../schema/user-errors.ts';

/** The given skills in canonical form, without repetitions, in alphabetical order. */
export function readSkills(texts: readonly string[]): Decision<readonly string[]> {
  const skills = texts.map(canonicalSkill);
  const errors = skills.flatMap((skill, index) =>
    skill === null
      ? [
          userError(
            'INVALID',
            `a skill must have 1 to ${skillLimits.lengthMax} characters, none of them a control or invisible one`,
            'input',
            'skills',
            String(index),
          ),
        ]
      : [],
  );
  if (errors.length > 0) return objected(...errors);
  return withinLimit([...new Set(skills.filter((skill) => skill !== null))].sort());
}

export interface SkillChange {
  readonly skills: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Judges the adding of skills; those that are there already are passed over. */
export function decideSkillAddition(current: readonly string[], texts: readonly string[]): Decision<SkillChange> {
  const read = readSkills(texts);
  if (!read.ok) return read;
  const added = read.value.filter((skill) => !current.includes(skill));
  if (added.length === 0)
    return objected(userError('ALREADY_DONE', 'you have all of these skills already', 'input', 'skills'));
  const skills = withinLimit([...current, ...added].sort());
  return skills.ok ? decided({ skills: skills.value, added, removed: [] }) : skills;
}

/** Judges the removal of skills; those that are not there are passed over. */
export function decideSkillRemoval(current: readonly string[], texts: readonly string[]): Decision<SkillChange> {
  const read = readSkills(texts);
  if (!read.ok) return read;
  const removed = read.value.filter((skill) => current.includes(skill));
  if (removed.length === 0)
    return objected(userError('ALREADY_DONE', 'you have none of these skills', 'input', 'skills'));
  return decided({ skills: current.filter((skill) => !removed.includes(skill)), added: [], removed });
}

function withinLimit(skills: readonly string[]): Decision<readonly string[]> {
  if (skills.length <= skillLimits.countMax) return decided(skills);
  return objected(
    userError(
      'LIMIT_EXCEEDED',
      `a creator has at most ${skillLimits.countMax} skills, these would be ${skills.length}`,
      'input',
      'skills',
    ),
  );
}
