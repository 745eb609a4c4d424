import { v5 as uuidv5 } from 'uuid';
import type { EdgeType } from '../../../schema/graph/catalogue.ts';
import type { CommandContext } from '../../shared/command.ts';
import type { PairState } from '../domain/pair.ts';

const namespace = 'c0a3a6f1-0f0b-4b0e-8a53-6c2d7f1be2a4';

/** Between whom, and of which kind: one entity with a chain of its own. `key` tells parallel ones apart. */
export interface Relationship {
  readonly type: EdgeType;
  readonly fromId: string;
  readonly toId: string;
  readonly key?: string;
}

/** What every command about a relationship answers: the other creator. */
export interface RelationshipAnswer {
  readonly creatorId: string;
}

/** The same in every region and every load. */
export function relationshipId({ type, fromId, toId, key = '' }: Relationship): string {
  return uuidv5(`${type}|${fromId}|${toId}|${key}`, namespace);
}

/** Reads what decisions about a relationship ask for. */
export async function readPair(
  { tx }: CommandContext,
  { type, fromId, toId, key = '' }: Relationship,
): Promise<PairState> {
  const [from, to] = await tx.get('Creator', [fromId, toId]);
  const [outward, inward] = await tx.edges('BLOCKS', [
    { from: fromId, to: toId },
    { from: toId, to: fromId },
  ]);
  const [edge] = await tx.edges(type, [{ from: fromId, to: toId, key }]);
  return {
    isSelf: fromId === toId,
    isFromKnown: Boolean(from),
    isToKnown: Boolean(to),
    blockedBy: outward ? 'FROM' : inward ? 'TO' : null,
    stands: Boolean(edge),
  };
}
