import { join } from 'node:path';
import { lockDataDir } from '../engines/data-dir.ts';
import { backOff } from '../engines/event-log/backoff.ts';
import { KafkaEventLog } from '../engines/event-log/kafka-event-log.ts';
import { type EventLog, LogUnavailableError } from '../engines/event-log/port.ts';
import { openNeo4jGraphStore } from '../engines/graph-store/neo4j-graph-store.ts';
import { type GraphStore, StoreUnavailableError } from '../engines/graph-store/port.ts';
import type { OutboxDepth } from '../engines/outbox/port.ts';
import { openSqliteEngines } from '../engines/sqlite/open-engines.ts';
import { openChdbWarehouse } from '../engines/warehouse/chdb-warehouse.ts';
import { openClickHouseWarehouse } from '../engines/warehouse/clickhouse-warehouse.ts';
import { type Warehouse, WarehouseUnavailableError } from '../engines/warehouse/port.ts';
import type { Config } from '../runtime/config.ts';
import { loadOrCreateKey } from '../runtime/key-file.ts';
import { type Logger, createLogger } from '../runtime/logger.ts';
import { type TopicSpec, topics } from '../schema/topics.ts';
import { openWaitingRoom } from './waiting-room.ts';

export interface Engines {
  readonly store: GraphStore;
  readonly eventLog: EventLog;
  readonly warehouse: Warehouse;
  /** What carries the store's records to the event log; null where both share their commits. */
  readonly outbox: Outbox | null;
  close(): Promise<void>;
}

interface Outbox {
  /** Resolves when everything that was committed before the call is in the event log. */
  settled(): Promise<void>;
  depth(): Promise<OutboxDepth>;
}

export interface OpenOptions {
  readonly logger?: Logger;
  /** Ends the wait for servers that do not answer. */
  readonly signal?: AbortSignal;
}

/**
 * The topics as this set-up keeps them. One partition keeps one order, which some chains of canon still need (an entity whose events bear several
 * keys breaks over more). A store whose records are carried to Kafka numbers partitions as Kafka does.
 */
function topicsFor({ eventPartitions }: Config): TopicSpec[] {
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
    opened.push(embedded.eventLog, embedded.store);
    await embedded.eventLog.ensureTopics(topicsFor(config));
    const patience = { config, logger, signal: options.signal };
    const kafka = config.eventLog && (await patiently(patience, () => openKafka(config)));
    if (kafka) opened.push(kafka);
    const eventLog = kafka ?? embedded.eventLog;
    const neo4j = config.graphStore && (await patiently(patience, () => openStore(config, eventLog, logger)));
    if (neo4j) opened.push(neo4j);
    const warehouse = await patiently(patience, () => openWarehouse(config));
    opened.push(warehouse);
    const carrier = kafka && !neo4j ? await carry(config, { from: embedded.eventLog, to: kafka, logger }) : null;
    if (carrier) opened.push(carrier);
    return { store: neo4j ?? embedded.store, eventLog, warehouse, outbox: neo4j?.relay ?? carrier, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openKafka(config: Config): Promise<KafkaEventLog> {
  if (config.eventLog === null) throw new Error('no server is configured for the event log');
  const log = new KafkaEventLog(config.eventLog);
  try {
    await log.ensureTopics(topicsFor(config));
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** The embedded store's records, carried from the log that commits with it. */
function carry(
  config: Config,
  { from, to, logger }: { from: EventLog; to: KafkaEventLog; logger: Logger },
): ReturnType<KafkaEventLog['carry']> {
  const onError = (error: unknown): void =>
    logger.error({ err: error }, 'records could not be carried to Kafka; they will be');
  const name = loadOrCreateKey(config.dataDir, 'log-source').toString('hex').slice(0, 32);
  return to.carry({ source: from, topics: topicsFor(config).map((topic) => topic.name), name, onError });
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

function isWorthWaiting(error: unknown, { graphStore, eventLog, warehouse }: Config): error is Error {
  if (error instanceof LogUnavailableError) return eventLog !== null;
  if (error instanceof StoreUnavailableError) return graphStore !== null;
  return error instanceof WarehouseUnavailableError && warehouse !== null;
}
