import type { NodeProps } from '../../../schema/graph/catalogue.ts';
import type { CommandContext } from '../../shared/command.ts';

type Settings = NodeProps['ReputationSettings'];

/** Where what a creator wants of their reputation is kept. */
export const settingsId = (creatorId: string): string => `reputation|${creatorId}`;

/** The actor's settings; what they begin with where there are none. */
export async function readSettings({ tx, actor }: CommandContext): Promise<Settings> {
  const [known] = await tx.get('ReputationSettings', [settingsId(actor.id)]);
  return { creatorId: actor.id, leaderboards: [], freezes: [], changedAt: '', ...known?.props };
}

export async function writeSettings({ tx, nowIso }: CommandContext, settings: Settings): Promise<void> {
  await tx.put({
    type: 'ReputationSettings',
    id: settingsId(settings.creatorId),
    props: { ...settings, changedAt: nowIso },
  });
}
