/** Most skills of one creator, and the longest name of one, in UTF-16 code units. */
export const skillLimits = { countMax: 50, lengthMax: 64 } as const;

/** The one way to write a skill: composed Unicode, lower case, single spaces. Null for what names no skill. */
export function canonicalSkill(text: string): string | null {
  if (!text.isWellFormed()) return null;
  const skill = text.normalize('NFC').toLowerCase().trim().replaceAll(/\s+/g, ' ');
  const isNamed = skill.length > 0 && skill.length <= skillLimits.lengthMax && !/\p{C}/u.test(skill);
  return isNamed ? skill : null;
}
