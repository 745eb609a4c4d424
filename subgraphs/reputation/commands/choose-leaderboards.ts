import { type Dimension, dimensions } from '../../../schema/graph/catalogue.ts';
import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { readSettings, writeSettings } from './settings.ts';

/** Chooses the leaderboards that the actor is in. Choosing the same again records nothing. */
export async function chooseLeaderboards(
  context: CommandContext,
  input: { readonly dimensions: readonly Dimension[] },
): Promise<CommandResult<readonly Dimension[]>> {
  const chosen = dimensions.filter((dimension) => input.dimensions.includes(dimension));
  const settings = await readSettings(context);
  if (chosen.join() === settings.leaderboards.join()) return accepted(chosen, []);
  await writeSettings(context, { ...settings, leaderboards: chosen });
  const event = await record(context, {
    type: 'reputation.leaderboards-chosen',
    entityId: context.actor.id,
    payload: { creatorId: context.actor.id, dimensions: chosen },
  });
  return accepted(chosen, [event]);
}
