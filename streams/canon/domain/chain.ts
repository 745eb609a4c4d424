import { type CanonEvent, GENESIS_HASH } from '../../../schema/events/envelope.ts';
import { type HlcTimestamp, compareHlc } from '../../../schema/hlc.ts';
import type { ContradictionKind } from '../../../schema/warehouse/tables.ts';

/** The newest link of an entity's chain. `hlc` is the latest time that the chain has told so far. */
export interface ChainHead {
  readonly version: number;
  readonly hash: string;
  readonly hlc: HlcTimestamp;
}

/** The part of an event that its chain is about. */
export type Link = Pick<CanonEvent, 'entity' | 'entityVersion' | 'hlc' | 'prevHash' | 'hash'>;

/** A claim of an event that does not agree with what canon has. */
export interface Contradiction {
  readonly kind: ContradictionKind;
  readonly reason: string;
}

export type LinkVerdict =
  | { readonly kind: 'extends'; readonly head: ChainHead; readonly contradictions: readonly Contradiction[] }
  | { readonly kind: 'broken'; readonly message: string };

/** Which chain an event belongs to. */
export function chainKey(entity: CanonEvent['entity']): string {
  return `${entity.type}|${entity.id}`;
}

/**
 * Judges an event against the newest link of its entity's chain. One that does not name that link's hash is no part of
 * the chain; one that does is, and what it claims beyond (its version, its time) may contradict.
 */
export function judgeLink(head: ChainHead | undefined, link: Link): LinkVerdict {
  const expectedHash = head?.hash ?? GENESIS_HASH;
  if (link.prevHash !== expectedHash) return { kind: 'broken', message: explainBreak(head, link) };
  const contradictions: Contradiction[] = [];
  const expectedVersion = (head?.version ?? 0) + 1;
  if (link.entityVersion !== expectedVersion) {
    contradictions.push({
      kind: 'STATE',
      reason: `claims version ${link.entityVersion} of its entity where ${expectedVersion} is next`,
    });
  }
  if (head && compareHlc(link.hlc, head.hlc) <= 0) {
    contradictions.push({ kind: 'TEMPORAL', reason: 'claims a time that is not after its predecessor' });
  }
  return {
    kind: 'extends',
    head: { version: link.entityVersion, hash: link.hash, hlc: later(head?.hlc, link.hlc) },
    contradictions,
  };
}

function explainBreak(head: ChainHead | undefined, link: Link): string {
  const place = `version ${link.entityVersion} of ${link.entity.type}`;
  if (!head) return `prevHash: ${place} names a predecessor, but no event of this entity has been accepted`;
  if (link.prevHash === GENESIS_HASH) {
    return `prevHash: ${place} claims to be the first, but the entity is at version ${head.version}`;
  }
  return `prevHash: ${place} does not follow version ${head.version}, the newest that was accepted`;
}

function later(a: HlcTimestamp | undefined, b: HlcTimestamp): HlcTimestamp {
  return a && compareHlc(a, b) > 0 ? a : b;
}
