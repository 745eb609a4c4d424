import type { CanonEvent } from '../../../schema/events/envelope.ts';
import { type HlcTimestamp, compareHlc } from '../../../schema/hlc.ts';
import { isVerifiedLevel } from '../../../schema/reputation/levels.ts';

type Told = Pick<CanonEvent, 'id' | 'type' | 'source' | 'actor' | 'entity' | 'hlc' | 'payload'>;
interface Place {
  readonly partition: number;
  readonly leaf: number;
}

/** How far the clocks of two processes may lie apart. A level that was lost within that time may still have been in force where the event was accepted. */
const driftUs = 60_000_000;

/**
 * Holds the events of verified creators against the decisions about their levels, over all partitions of a log: that one was verified stands in the event, and is true only where a
 * `reputation.level-decided` event before it says so. Partitions may be taken in any order.
 */
export class VerifiedSources {
  readonly #decisions = new Map<string, { readonly hlc: HlcTimestamp; readonly isVerified: boolean }[]>();
  readonly #claims: (Place & { readonly id: string; readonly actor: string; readonly hlc: HlcTimestamp })[] = [];

  take({ id, type, source, actor, entity, hlc, payload }: Told, place: Place): void {
    if (source === 'VERIFIED_CREATOR') this.#claims.push({ ...place, id, actor, hlc });
    if (type !== 'reputation.level-decided' || source !== 'SYSTEM') return;
    const known = this.#decisions.get(entity.id) ?? [];
    this.#decisions.set(entity.id, [...known, { hlc, isVerified: isVerifiedLevel(Number(payload['to'])) }]);
  }

  /** The first event, by partition and leaf, whose actor was not a verified creator when it was accepted; null where there is none. */
  firstUnfounded(): (Place & { readonly eventId: string; readonly reason: string }) | null {
    const unfounded = this.#claims.filter((claim) => !this.#isFounded(claim));
    const [first] = unfounded.sort((a, b) => a.partition - b.partition || a.leaf - b.leaf);
    if (!first) return null;
    const { partition, leaf, id: eventId, actor } = first;
    return { partition, leaf, eventId, reason: `says that ${actor} was verified, which no decision before it says` };
  }

  #isFounded({ actor, hlc }: { readonly actor: string; readonly hlc: HlcTimestamp }): boolean {
    const before = (this.#decisions.get(actor) ?? [])
      .filter((decision) => compareHlc(decision.hlc, hlc) < 0)
      .sort((a, b) => compareHlc(a.hlc, b.hlc));
    const last = before.findLastIndex(({ isVerified }) => isVerified);
    const lost = before[last + 1];
    return last >= 0 && (lost === undefined || lost.hlc.wallUs + driftUs >= hlc.wallUs);
  }
}
