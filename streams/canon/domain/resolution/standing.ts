import type { KnownEvent } from '../../../../schema/events/catalogue.ts';
import type { SubmitterRole } from '../../../../schema/events/types/claim.ts';

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

const ofRole: Readonly<Record<SubmitterRole, Standing>> = {
  PLATFORM: 'EXTERNAL',
  OPERATOR: 'OPERATOR',
  CREATIVE_IMVU: 'CREATIVE_IMVU',
  GUARDIAN_IMVU: 'GUARDIAN_IMVU',
};

/** What an event itself tells of its source's standing: the role under which a claim was signed and taken up, or else its source's least. A name proves nothing. */
export function standingOf(event: KnownEvent): Standing {
  if (event.type === 'canon.claimed') return ofRole[event.payload.role];
  if (event.source === 'IMVU') return 'CREATIVE_IMVU';
  return event.source;
}
