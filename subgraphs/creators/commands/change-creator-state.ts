import type { CreatorState } from '../../../schema/graph/catalogue.ts';
import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { decideStateChange } from '../domain/lifecycle.ts';
import { type CreatorAnswer, readOwn, writeOwn } from './own-creator.ts';

export interface ChangeCreatorStateInput {
  readonly expectedVersion: number;
  readonly state: CreatorState;
}

/** Moves the actor to another state of their time on the platform. */
export async function changeCreatorState(
  context: CommandContext,
  input: ChangeCreatorStateInput,
): Promise<CommandResult<CreatorAnswer>> {
  const own = await readOwn(context, input.expectedVersion);
  if (!own.ok) return own;
  const from = own.value.props.state;
  const decision = decideStateChange(from, input.state);
  if (!decision.ok) return decision;
  await writeOwn(context, own.value, { state: decision.value });
  const event = await record(context, {
    type: 'creator.state-changed',
    entityId: own.value.id,
    payload: { from, to: decision.value },
  });
  return accepted({ creatorId: own.value.id }, [event]);
}
