import { type CanonEvent, GENESIS_HASH } from '../../../schema/events/envelope.ts';
import type { HlcTimestamp } from '../../../schema/hlc.ts';
import { type EntityFold, emptyFold } from './resolution/detect.ts';
import type { Standing } from './resolution/standing.ts';

/** The newest link of an entity's chain, and what canon held of the entity when nothing about it was in dispute last. */
export interface ChainHead {
  readonly version: number;
  readonly hash: string;
  readonly hlc: HlcTimestamp;
  readonly ended?: true | undefined;
  readonly owners?: string[] | undefined;
  readonly begun?: string | undefined;
  readonly begunBy?: Standing | undefined;
}

/** The part of an event that its chain is about. */
export type Link = Pick<CanonEvent, 'entity' | 'entityVersion' | 'hlc' | 'prevHash' | 'hash'>;

/** Which chain an event belongs to. */
export function chainKey(entity: CanonEvent['entity']): string {
  return `${entity.type}|${entity.id}`;
}

/**
 * Why an event is no part of its entity's chain; null where it names the newest link's hash. What it claims beyond (its version, its time) may
 * contradict: see resolution/.
 */
export function explainBreak(head: ChainHead | undefined, link: Link): string | null {
  if (link.prevHash === (head?.hash ?? GENESIS_HASH)) return null;
  const place = `version ${link.entityVersion} of ${link.entity.type}`;
  if (!head) return `prevHash: ${place} names a predecessor, but no event of this entity has been accepted`;
  if (link.prevHash === GENESIS_HASH) {
    return `prevHash: ${place} claims to be the first, but the entity is at version ${head.version}`;
  }
  return `prevHash: ${place} does not follow version ${head.version}, the newest that was accepted`;
}

/** What canon holds of an entity whose newest link this is. */
export function foldOf(head: ChainHead | undefined): EntityFold {
  if (!head) return emptyFold;
  const { version, hlc, owners, begun, begunBy } = head;
  return {
    ...{ version, hlc, isAlive: head.ended !== true, owners: owners ?? null },
    ...(begun !== undefined && { begun }),
    ...(begunBy !== undefined && { begunBy }),
  };
}

/** The time of a history of which nothing counts. */
const beforeAll: HlcTimestamp = { wallUs: 0, counter: 0, node: '-' };

/** The newest link with what canon holds there. */
export function headOf(fold: EntityFold, link: { readonly version: number; readonly hash: string }): ChainHead {
  return {
    version: link.version,
    hash: link.hash,
    hlc: fold.hlc ?? beforeAll,
    ...(fold.isAlive ? {} : { ended: true as const }),
    ...(fold.owners ? { owners: [...fold.owners] } : {}),
    ...(fold.begun !== undefined && { begun: fold.begun }),
    ...(fold.begunBy !== undefined && { begunBy: fold.begunBy }),
  };
}
