import { v5 as uuidv5 } from 'uuid';
import type { CanonEvent } from '../../schema/events/envelope.ts';
import type { EdgeType } from '../../schema/graph/catalogue.ts';
import { type CommandContext, record } from './command.ts';

const namespace = 'c0a3a6f1-0f0b-4b0e-8a53-6c2d7f1be2a4';

/** Between whom, and of which kind: one entity with a chain of its own. `key` tells parallel ones apart. */
export interface Relationship {
  readonly type: EdgeType;
  readonly fromId: string;
  readonly toId: string;
  readonly key?: string;
}

/** The same in every region and every load. */
export function relationshipId({ type, fromId, toId, key = '' }: Relationship): string {
  return uuidv5(`${type}|${fromId}|${toId}|${key}`, namespace);
}

/**
 * Two creators worked on the same artifact once more: their edge weighs one more, and an event tells it. Shared work is a consequence of commands, nobody
 * claims it. Both creators exist and are not the same.
 */
export async function strengthenCollaboration(
  context: CommandContext,
  { fromId, toId, artifactId }: { readonly fromId: string; readonly toId: string; readonly artifactId: string },
): Promise<CanonEvent> {
  const [from, to] = fromId < toId ? [fromId, toId] : [toId, fromId];
  const [known] = await context.tx.edges('COLLABORATES_WITH', [{ from, to }]);
  const weight = (known?.props.weight ?? 0) + 1;
  const since = known?.props.since ?? context.nowIso;
  await context.tx.link({ type: 'COLLABORATES_WITH', from, to, props: { since, weight } });
  return record(context, {
    type: 'relationship.collaborated',
    entityId: relationshipId({ type: 'COLLABORATES_WITH', fromId: from, toId: to }),
    payload: { fromId, toId, artifactId, weight },
  });
}
