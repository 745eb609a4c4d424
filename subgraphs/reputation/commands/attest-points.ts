import type { attestedReasons } from '../../../schema/reputation/stackexchange-2018.ts';
import { userError } from '../../../schema/user-errors.ts';
import { type CommandContext, type CommandResult, accepted, record, refused } from '../../shared/command.ts';

export interface AttestPointsInput {
  readonly reason: (typeof attestedReasons)[number];
  readonly points: number;
  readonly creatorIds: readonly string[];
}

/** Records points that another platform gave by its own formula. Platforms attest them; no creator can. */
export async function attestPoints(context: CommandContext, input: AttestPointsInput): Promise<CommandResult<null>> {
  if (context.actor.source !== 'EXTERNAL')
    return refused(userError('FORBIDDEN', 'only a platform attests points', 'input'));
  const creators = await context.tx.get('Creator', input.creatorIds);
  const missing = input.creatorIds.find((_, index) => creators[index] === null);
  if (missing !== undefined)
    return refused(userError('NOT_FOUND', `there is no creator ${missing}`, 'input', 'creatorIds'));
  const { reason, points, creatorIds } = input;
  const event = await record(context, {
    type: 'reputation.points-attested',
    entityId: context.newId(),
    payload: { reason, points, creatorIds: [...creatorIds] },
  });
  return accepted(null, [event]);
}
