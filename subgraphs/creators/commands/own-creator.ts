import type { GraphNode } from '../../../engines/graph-store/port.ts';
import type { NodeProps } from '../../../schema/graph/catalogue.ts';
import type { CommandContext } from '../../shared/command.ts';
import type { Decision } from '../../../schema/user-errors.ts';
import { decideOwnChange } from '../domain/ownership.ts';

/** What every command about one's own creator answers. */
export interface CreatorAnswer {
  readonly creatorId: string;
}

/** The actor's creator at the version that the command expects. */
export async function readOwn(
  context: CommandContext,
  expectedVersion: number,
  options: { readonly mayHaveLeft?: boolean } = {},
): Promise<Decision<GraphNode<'Creator'>>> {
  const [creator] = await context.tx.get('Creator', [context.actor.id]);
  return decideOwnChange(creator ?? null, expectedVersion, options);
}

export async function writeOwn(
  context: CommandContext,
  creator: GraphNode<'Creator'>,
  change: Partial<NodeProps['Creator']>,
): Promise<void> {
  await context.tx.put({
    type: 'Creator',
    id: creator.id,
    expectedVersion: creator.version,
    props: { ...creator.props, ...change },
  });
}
