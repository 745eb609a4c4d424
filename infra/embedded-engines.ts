import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventLog } from '../engines/event-log/port.ts';
import type { GraphStore } from '../engines/graph-store/port.ts';
import { openSqliteEngines } from '../engines/sqlite/open-engines.ts';
import { topics } from '../schema/topics.ts';

/** The embedded graph store and event log of one test, in a directory that goes away with them. */
export interface EmbeddedEngines {
  readonly dataDir: string;
  readonly store: GraphStore;
  readonly eventLog: EventLog;
  close(): Promise<void>;
}

/** Opens them empty, with every topic. */
export async function openEmbeddedEngines(): Promise<EmbeddedEngines> {
  const dataDir = await mkdtemp(join(tmpdir(), 'vcos-test-'));
  const { store, eventLog } = openSqliteEngines({ directory: dataDir });
  await eventLog.ensureTopics(Object.values(topics).map((spec) => ({ ...spec, partitions: 1 })));
  const close = async (): Promise<void> => {
    await eventLog.close();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { dataDir, store, eventLog, close };
}
