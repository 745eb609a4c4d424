import { canonicalName } from '../text-limits.ts';

/** Most skills of one creator, and the longest name of one, in UTF-16 code units. */
export const skillLimits = { countMax: 50, lengthMax: 64 } as const;

/** What would make a name that looks like another, or like none: control characters, and whatever is drawn as nothing. */
const unseen = /[\p{C}\p{Default_Ignorable_Code_Point}]/u;

/** The one way to write a skill. Null for what names no skill. */
export function canonicalSkill(text: string): string | null {
  if (!text.isWellFormed()) return null;
  const skill = canonicalName(text);
  const isNamed = skill.length > 0 && skill.length <= skillLimits.lengthMax && !unseen.test(skill);
  return isNamed ? skill : null;
}
