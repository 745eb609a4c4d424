import { join } from 'node:path';
import { lockDataDir } from '../engines/data-dir.ts';
import { backOff } from '../engines/event-log/backoff.ts';
import type { EventLog } from '../engines/event-log/port.ts';
import { openNeo4jGraphStore } from '../engines/graph-store/neo4j-graph-store.ts';
import { type GraphStore, StoreUnavailableError } from '../engines/graph-store/port.ts';
import type { OutboxRelay } from '../engines/outbox/relay.ts';
import { openSqliteEngines } from '../engines/sqlite/open-engines.ts';
import { openChdbWarehouse } from '../engines/warehouse/chdb-warehouse.ts';
import { openClickHouseWarehouse } from '../engines/warehouse/clickhouse-warehouse.ts';
import { type Warehouse, WarehouseUnavailableError } from '../engines/warehouse/port.ts';
import type { Config } from '../runtime/config.ts';
import { type Logger, createLogger } from '../runtime/logger.ts';
import { type TopicSpec, topics } from '../schema/topics.ts';
import { openWaitingRoom } from './waiting-room.ts';

export interface Engines {
  readonly store: GraphStore;
  readonly eventLog: EventLog;
  readonly warehouse: Warehouse;
  /** What carries the store's records to the event log; null where both share their commits. */
  readonly outbox: OutboxRelay | null;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly logger?: Logger;
  /** Ends the wait for servers that do not answer. */
  readonly signal?: AbortSignal;
}

/** The topics as the embedded log keeps them: one process has nobody to share partitions with, and one partition keeps one order. */
function embeddedTopics(eventPartitions: number): TopicSpec[] {
  return Object.values(topics).map((spec) => ({ ...spec, partitions: spec.partitions === 1 ? 1 : eventPartitions }));
}

/** Opens the engines that the configuration names, with every topic, index and table in place. Waits for servers that do not answer. */
export async function openEngines(config: Config, options: OpenOptions = {}): Promise<Engines> {
  const logger = options.logger ?? createLogger(config.logLevel);
  const lock = lockDataDir(config.dataDir, config.server.port);
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const engine of opened.toReversed()) await engine.close();
    lock.release();
  };
  try {
    const embedded = openSqliteEngines({ directory: config.dataDir });
    const { eventLog } = embedded;
    opened.push(eventLog, embedded.store);
    await eventLog.ensureTopics(embeddedTopics(config.eventPartitions));
    const patience = { config, logger, signal: options.signal };
    const neo4j = config.graphStore && (await patiently(patience, () => openStore(config, eventLog, logger)));
    if (neo4j) opened.push(neo4j);
    const warehouse = await patiently(patience, () => openWarehouse(config));
    opened.push(warehouse);
    return { store: neo4j ?? embedded.store, eventLog, warehouse, outbox: neo4j?.relay ?? null, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function openStore(config: Config, eventLog: EventLog, logger: Logger): ReturnType<typeof openNeo4jGraphStore> {
  if (config.graphStore === null) throw new Error('no server is configured for the graph store');
  const onError = (error: unknown): void => logger.error({ err: error }, 'the outbox could not be carried; it will be');
  return openNeo4jGraphStore({ ...config.graphStore, eventLog, onError });
}

async function openWarehouse(config: Config): Promise<Warehouse> {
  const warehouse = config.warehouse
    ? await openClickHouseWarehouse(config.warehouse)
    : await openChdbWarehouse({ path: join(config.dataDir, 'warehouse') });
  try {
    await warehouse.migrate();
    return warehouse;
  } catch (error) {
    await warehouse.close();
    throw error;
  }
}

/** Tries until the server is there, telling each time what is missing: in the log, and at `/health/ready`. An embedded engine has nothing to wait for. */
async function patiently<R>(
  {
    config,
    logger,
    signal = new AbortController().signal,
  }: { config: Config; logger: Logger; signal?: AbortSignal | undefined },
  open: () => Promise<R>,
): Promise<R> {
  let room: ReturnType<typeof openWaitingRoom> | null = null;
  try {
    for (let failures = 1; ; failures++) {
      try {
        return await open();
      } catch (error) {
        if (!isWorthWaiting(error, config) || signal.aborted) throw error;
        room ??= openWaitingRoom(config.server);
        room.tell(error.message);
        logger.error({ failures }, `${error.message}; trying again`);
        await backOff(failures, signal);
      }
    }
  } finally {
    await room?.close();
  }
}

function isWorthWaiting(error: unknown, { graphStore, warehouse }: Config): error is Error {
  if (error instanceof StoreUnavailableError) return graphStore !== null;
  return error instanceof WarehouseUnavailableError && warehouse !== null;
}
