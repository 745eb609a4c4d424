import type { Relationship } from '../../shared/collaboration.ts';
import type { CommandContext } from '../../shared/command.ts';
import { isErasedCreator } from '../../shared/sealing.ts';
import type { PairState } from '../domain/pair.ts';

/** What every command about a relationship answers: the other creator. */
export interface RelationshipAnswer {
  readonly creatorId: string;
}

/** Reads what decisions about a relationship ask for. */
export async function readPair(
  { tx }: CommandContext,
  { type, fromId, toId, key = '' }: Relationship,
): Promise<PairState> {
  const [[from, to], [outward, inward], [edge]] = await Promise.all([
    tx.get('Creator', [fromId, toId]),
    tx.edges('BLOCKS', [
      { from: fromId, to: toId },
      { from: toId, to: fromId },
    ]),
    tx.edges(type, [{ from: fromId, to: toId, key }]),
  ]);
  // Of somebody erased nothing new can be said, but what stands can be ended.
  const isKnown = (creator: typeof from): boolean => creator != null && (edge != null || !isErasedCreator(creator));
  return {
    isSelf: fromId === toId,
    isFromKnown: isKnown(from),
    isToKnown: isKnown(to),
    isGone: [from, to].some((creator) => creator?.props.state === 'MIGRATED'),
    blockedBy: outward ? 'FROM' : inward ? 'TO' : null,
    stands: Boolean(edge),
  };
}
