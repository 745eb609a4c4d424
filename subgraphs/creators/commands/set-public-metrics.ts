import type { Dimension } from '../../../schema/graph/catalogue.ts';
import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { decideVisibility } from '../domain/profile.ts';
import { type CreatorAnswer, readOwn, writeOwn } from './own-creator.ts';

export interface SetPublicMetricsInput {
  readonly expectedVersion: number;
  readonly publicMetrics: readonly Dimension[];
}

/** Decides which reputation dimensions of the actor everybody may see. */
export async function setPublicMetrics(
  context: CommandContext,
  input: SetPublicMetricsInput,
): Promise<CommandResult<CreatorAnswer>> {
  const own = await readOwn(context, input.expectedVersion);
  if (!own.ok) return own;
  const decision = decideVisibility(own.value.props, input.publicMetrics);
  if (!decision.ok) return decision;
  await writeOwn(context, own.value, { publicMetrics: decision.value });
  const event = await record(context, {
    type: 'creator.visibility-changed',
    entityId: own.value.id,
    payload: { publicMetrics: [...decision.value] },
  });
  return accepted({ creatorId: own.value.id }, [event]);
}
