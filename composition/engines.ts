import { join } from 'node:path';
import { lockDataDir } from '../engines/data-dir.ts';
import type { EventLog } from '../engines/event-log/port.ts';
import type { GraphStore } from '../engines/graph-store/port.ts';
import { openSqliteEngines } from '../engines/sqlite/open-engines.ts';
import { openChdbWarehouse } from '../engines/warehouse/chdb-warehouse.ts';
import type { Warehouse } from '../engines/warehouse/port.ts';
import type { Config } from '../runtime/config.ts';
import { type TopicSpec, topics } from '../schema/topics.ts';

export interface Engines {
  readonly store: GraphStore;
  readonly eventLog: EventLog;
  readonly warehouse: Warehouse;
  close(): Promise<void>;
}

/** The topics as the embedded log keeps them: one process has nobody to share partitions with, and one partition keeps one order. */
function embeddedTopics(eventPartitions: number): TopicSpec[] {
  return Object.values(topics).map((spec) => ({ ...spec, partitions: spec.partitions === 1 ? 1 : eventPartitions }));
}

/** Opens the embedded engines on `DATA_DIR`, for this process alone, with every topic and table in place. */
export async function openEngines(config: Config): Promise<Engines> {
  const lock = lockDataDir(config.dataDir, config.server.port);
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const engine of opened.toReversed()) await engine.close();
    lock.release();
  };
  try {
    const { store, eventLog } = openSqliteEngines({ directory: config.dataDir });
    opened.push(eventLog, store);
    const warehouse = await openChdbWarehouse({ path: join(config.dataDir, 'warehouse') });
    opened.push(warehouse);
    await eventLog.ensureTopics(embeddedTopics(config.eventPartitions));
    await warehouse.migrate();
    return { store, eventLog, warehouse, close };
  } catch (error) {
    await close();
    throw error;
  }
}
