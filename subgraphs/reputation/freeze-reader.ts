import type { Freeze } from '../../schema/reputation/freeze.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { settingsId } from './commands/settings.ts';
import { freezesOf } from './domain/freeze.ts';

/** When a creator's evidence did not decay, and may not yet. */
export async function readFreezes({ loaders }: SubgraphContext, creatorId: string): Promise<readonly Freeze[]> {
  const settings = await loaders.node('ReputationSettings').load(settingsId(creatorId));
  const texts: { readonly freezes?: readonly string[] } = settings?.props ?? {};
  return freezesOf(texts.freezes ?? []);
}

export function shownFreeze([fromMs, untilMs]: Freeze): { readonly from: string; readonly until: string } {
  return { from: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString() };
}
