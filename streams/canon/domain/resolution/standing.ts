/** How far a source is trusted: the higher, the more (domain.md). */
export const ranks = {
  EXTERNAL: 0,
  CREATIVE_IMVU: 1,
  CREATOR: 2,
  VERIFIED_CREATOR: 3,
  OPERATOR: 4,
  GUARDIAN_IMVU: 5,
  SYSTEM: 6,
} as const;
export type Standing = keyof typeof ranks;
