import type { EventSource } from '../../../../schema/events/envelope.ts';
import { type SubmitterRole, submitterRoles } from '../../../../schema/events/types/claim.ts';

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

/** An event, or what is told of one whose payload stays in its region. */
interface Told {
  readonly type: string;
  readonly source: EventSource;
  readonly payload?: Readonly<Record<string, unknown>>;
}

const ofRole: Readonly<Record<SubmitterRole, Standing>> = {
  PLATFORM: 'EXTERNAL',
  OPERATOR: 'OPERATOR',
  CREATIVE_IMVU: 'CREATIVE_IMVU',
  GUARDIAN_IMVU: 'GUARDIAN_IMVU',
};

/** What an event itself tells of its source's standing: the role under which a claim was signed and taken up, or else its source's least. A name proves nothing. */
export function standingOf({ type, source, payload }: Told): Standing {
  const role = type === 'canon.claimed' ? submitterRoles.find((each) => each === payload?.['role']) : undefined;
  if (role !== undefined) return ofRole[role];
  return source === 'IMVU' ? 'CREATIVE_IMVU' : source;
}
