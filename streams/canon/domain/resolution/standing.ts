import type { CanonEvent } from '../../../../schema/events/envelope.ts';

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

const guardianPrefix = 'imvu:guardian:';
const operatorPrefix = 'platform:operator';

/** What an event itself tells of its source's standing. */
export function standingOf({ source, actor }: Pick<CanonEvent, 'source' | 'actor'>): Standing {
  if (source === 'IMVU') return actor.startsWith(guardianPrefix) ? 'GUARDIAN_IMVU' : 'CREATIVE_IMVU';
  if (source === 'EXTERNAL') return actor.startsWith(operatorPrefix) ? 'OPERATOR' : 'EXTERNAL';
  return source;
}
