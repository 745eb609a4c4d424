import type { EventSource } from '../../schema/events/envelope.ts';
import { type HlcTimestamp, parseHlc } from '../../schema/hlc.ts';
import { isVerifiedLevel } from '../../schema/reputation/levels.ts';
import type { CommandContext } from './command.ts';

/** As what the platform takes up an event. */
export interface Acceptance {
  readonly source: EventSource;
  /** When the trust level was decided under which its actor is a verified creator; null where it is not by one. */
  readonly since: HlcTimestamp | null;
}

/** The node that says where an account stands between trust levels. */
export const standingId = (creatorId: string): string => `standing|${creatorId}`;

/**
 * The kind of source that an event of this command has. Whether a creator is verified is read in the command's own transaction and written into the event, so that resolution needs nothing
 * but events; `reputation.level-decided` events, which come before by the clock, are what it can be checked against (`npm run verify:canon`).
 */
export async function acceptanceOf({ tx, actor, actsNow }: CommandContext): Promise<Acceptance> {
  if (actor.source !== 'CREATOR' || actsNow !== true) return { source: actor.source, since: null };
  const [standing] = await tx.get('TrustStanding', [standingId(actor.id)]);
  if (standing == null || !isVerifiedLevel(standing.props.level)) return { source: 'CREATOR', since: null };
  const [decided] = await tx.get('ChainHead', [`chain|TrustStanding|${actor.id}`]);
  return { source: 'VERIFIED_CREATOR', since: parseHlc(decided?.props.hlc ?? '') };
}
