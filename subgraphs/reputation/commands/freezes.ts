import { textProblem } from '../../../schema/text-limits.ts';
import type { Freeze } from '../../../schema/reputation/freeze.ts';
import { type CommandContext, type CommandResult, accepted, record, refused } from '../../shared/command.ts';
import { userError } from '../../shared/errors.ts';
import { freezeProblem, freezeText, freezesOf, lasting } from '../domain/freeze.ts';
import { readSettings, writeSettings } from './settings.ts';

const dayMs = 86_400_000;

/** From now on, for so many days, nothing in the actor's reputation decays. */
export async function freezeReputation(
  context: CommandContext,
  { days, reason }: { readonly days: number; readonly reason?: string | null | undefined },
): Promise<CommandResult<Freeze>> {
  const nowMs = Date.parse(context.nowIso);
  const settings = await readSettings(context);
  const freezes = freezesOf(settings.freezes);
  if (lasting(freezes, nowMs) !== null)
    return refused(userError('ALREADY_DONE', 'your reputation is frozen already: resume it first', 'input'));
  const problem = freezeProblem(freezes, days, nowMs);
  if (problem !== null) return refused(userError('INVALID', problem, 'input', 'days'));
  const wordy = reason == null ? null : textProblem(reason, { min: 1, max: 300 });
  if (wordy !== null) return refused(userError('INVALID', `reason ${wordy}`, 'input', 'reason'));
  const freeze: Freeze = [nowMs, nowMs + days * dayMs];
  await writeSettings(context, { ...settings, freezes: [...settings.freezes, freezeText(freeze)] });
  const event = await record(context, {
    type: 'reputation.decay-frozen',
    entityId: context.actor.id,
    payload: { creatorId: context.actor.id, until: new Date(freeze[1]).toISOString() },
    ...(reason != null && { personal: { [context.actor.id]: { reason } } }),
  });
  return accepted(freeze, [event]);
}

/** Ends the freeze that lasts. */
export async function resumeReputation(context: CommandContext): Promise<CommandResult<Freeze>> {
  const nowMs = Date.parse(context.nowIso);
  const settings = await readSettings(context);
  const last = lasting(freezesOf(settings.freezes), nowMs);
  if (last === null) return refused(userError('NOT_FOUND', 'your reputation is not frozen', 'input'));
  const ended: Freeze = [last[0], nowMs];
  await writeSettings(context, { ...settings, freezes: [...settings.freezes.slice(0, -1), freezeText(ended)] });
  const event = await record(context, {
    type: 'reputation.decay-resumed',
    entityId: context.actor.id,
    payload: { creatorId: context.actor.id },
  });
  return accepted(ended, [event]);
}
