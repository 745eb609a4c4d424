import type { GraphStore } from '../../engines/graph-store/port.ts';
import type { Dimension } from '../../schema/graph/catalogue.ts';

/** A creator whose id, name and login are one, registered at the start of 2024. */
export async function putCreator(
  store: GraphStore,
  username: string,
  publicMetrics: readonly Dimension[],
): Promise<void> {
  const instant = '2024-01-01T00:00:00.000Z';
  await store.transact((tx) =>
    tx.put({
      type: 'Creator',
      id: username,
      props: {
        username,
        usernameKey: username,
        identity: `test|${username}`,
        displayName: username,
        bio: '',
        creatorType: 'ARTIST',
        skills: [],
        state: 'ACTIVE',
        registeredAt: instant,
        lastActiveAt: instant,
        publicMetrics,
      },
    }),
  );
}
