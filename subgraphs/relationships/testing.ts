import { v7 as uuidv7 } from 'uuid';
import type { GraphStore, GraphTransaction } from '../../engines/graph-store/port.ts';
import { hlcToIso } from '../../schema/hlc.ts';
import type { CommandContext } from '../shared/command.ts';
import type { SubgraphDependencies } from '../shared/context.ts';
import { erasedIdentity } from '../shared/sealing.ts';
import { recordCollaboration } from './commands/record-collaboration.ts';

const registeredAt = '2024-01-01T00:00:00.000Z';

/** Creators whose id, username and login are one word: who they are is another subgraph's to test. */
export async function seedCreators(store: GraphStore, names: readonly string[]): Promise<void> {
  await store.transact(async (tx) => {
    for (const name of names) {
      const profile = {
        username: name,
        usernameKey: name,
        identity: `test|${name}`,
        displayName: name,
        bio: '',
        creatorType: 'ARTIST',
        skills: [],
      } as const;
      await tx.put({
        type: 'Creator',
        id: name,
        props: { ...profile, state: 'ACTIVE', registeredAt, lastActiveAt: registeredAt, publicMetrics: [] },
      });
    }
  });
}

/** Leaves of a creator what an erasure leaves. */
export async function seedErased(store: GraphStore, name: string): Promise<void> {
  await store.transact((tx) => tx.patch('Creator', name, { identity: erasedIdentity(name), state: 'MIGRATED' }));
}

/** A command's context for somebody, inside a transaction. */
export function commandContext(
  dependencies: SubgraphDependencies,
  tx: GraphTransaction,
  actorId: string,
): CommandContext {
  const { masterKey, region, clock } = dependencies;
  return {
    tx,
    actor: { id: actorId, source: 'CREATOR' },
    masterKey,
    region,
    hlc: () => clock.now(),
    nowIso: hlcToIso(clock.now()),
    newId: () => uuidv7(),
  };
}

/** Shared work: who, with whom, how many times. */
export async function seedWork(
  dependencies: SubgraphDependencies,
  work: readonly (readonly [string, string, number])[],
): Promise<void> {
  await dependencies.store.transact(async (tx) => {
    const props = {
      title: 'work',
      kind: 'MEDIA',
      summary: '',
      tags: [],
      visibility: 'PUBLIC',
      credits: [],
      contentHash: '',
      revision: 1,
    } as const;
    const more = {
      publishedAt: registeredAt,
      revisedAt: registeredAt,
      acceptedAt: '',
      positiveJudgements: 0,
      negativeJudgements: 0,
    };
    await tx.put({ type: 'Artifact', id: 'work-1', props: { ...props, ...more } });
    for (const [fromId, toId, times] of work) {
      for (let time = 0; time < times; time += 1)
        await recordCollaboration(commandContext(dependencies, tx, fromId), { fromId, toId, artifactId: 'work-1' });
    }
  });
}
