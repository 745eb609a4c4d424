import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DataDirError, lockDataDir, restoreDraft } from '../engines/data-dir.ts';
import { backOff } from '../engines/event-log/backoff.ts';
import { KafkaEventLog } from '../engines/event-log/kafka-event-log.ts';
import { kafkaClient } from '../engines/event-log/kafka/clients.ts';
import { readClientCertificate } from '../engines/event-log/kafka/security.ts';
import { type EventLog, LogUnavailableError, TopicError, UnknownTopicError } from '../engines/event-log/port.ts';
import { openNeo4jGraphStore } from '../engines/graph-store/neo4j-graph-store.ts';
import { type GraphStore, StoreUnavailableError } from '../engines/graph-store/port.ts';
import type { OutboxDepth } from '../engines/outbox/port.ts';
import { type SqliteEngines, openSqliteEngines } from '../engines/sqlite/open-engines.ts';
import { DATA_FILE } from '../engines/sqlite/sqlite-file.ts';
import { openChdbWarehouse } from '../engines/warehouse/chdb-warehouse.ts';
import { openClickHouseWarehouse } from '../engines/warehouse/clickhouse-warehouse.ts';
import { type Warehouse, WarehouseUnavailableError } from '../engines/warehouse/port.ts';
import { aborted } from '../runtime/aborted.ts';
import type { Config } from '../runtime/config.ts';
import { loadOrCreateKey } from '../runtime/key-file.ts';
import { type Logger, createLogger } from '../runtime/logger.ts';
import { type TopicSpec, topics } from '../schema/topics.ts';
import { UsageError } from './command-line.ts';
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
  /** Throws away what the warehouse holds; all of it can be had from the event log. */
  readonly emptyWarehouse?: boolean;
  /** Called when the event log is open and nothing else has been touched; what it rejects with ends the opening. */
  readonly onEventLog?: (eventLog: EventLog) => Promise<void>;
  /** Called once, when an embedded warehouse loses rows while it is open: it is to be closed, and made anew. */
  readonly onWarehouseDamaged?: (error: Error) => void;
  /** Called once, when an embedded warehouse has a statement that never ends: it answers nobody any more, and nothing but a new process helps. */
  readonly onWarehouseStuck?: (error: Error) => void;
}

/** The topics as this set-up keeps them: those that share work have as many partitions as it says. */
function topicsWith(partitions: number): readonly TopicSpec[] {
  return Object.values(topics).map((spec) => ({ ...spec, partitions: spec.partitions === 1 ? 1 : partitions }));
}

/** An embedded log that has topics keeps them, also where its records are carried to Kafka from now on: there, partitions bear the same numbers. */
async function partitionsFor({ eventPartitions, eventLog }: Config, embedded: EventLog | null): Promise<number> {
  if (eventPartitions !== null) return eventPartitions;
  const fresh = eventLog === null ? 1 : topics.events.partitions;
  try {
    return (await embedded?.partitionsOf(topics.events.name)) ?? fresh;
  } catch (error) {
    if (error instanceof UnknownTopicError) return fresh;
    throw error;
  }
}

/** Whether a part of what the configuration names is in `DATA_DIR/vcos.sqlite`. */
const needsDataFile = ({ eventLog, graphStore }: Config): boolean => eventLog === null || graphStore === null;

/**
 * Opens the engines for a command that says something about what they hold. Where `DATA_DIR` is mistyped it would make a new one, and tell in good faith that
 * there is nothing. Throws {@link UsageError} instead.
 */
export function openFilledEngines(config: Config, options: OpenOptions = {}): Promise<Engines> {
  if (needsDataFile(config)) requireData(config.dataDir);
  return openEngines(config, options);
}

/** Throws {@link UsageError} for a directory in which no platform has worked. */
export function requireData(dataDir: string): void {
  if (!existsSync(join(dataDir, DATA_FILE))) throw new UsageError(`there is no data in ${dataDir}: set DATA_DIR`);
}

/**
 * Opens the engines that the configuration names, with every topic, index and table in place. Waits for servers that do not answer. Only an embedded
 * engine claims `DATA_DIR`: where all three are servers, any number of processes share its keys.
 */
export async function openEngines(config: Config, options: OpenOptions = {}): Promise<Engines> {
  const logger = options.logger ?? createLogger(config.logLevel);
  const needsFile = needsDataFile(config);
  const lock = needsFile || config.warehouse === null ? lockDataDir(config.dataDir, config.server.port) : null;
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const engine of opened.toReversed()) await engine.close();
    lock?.release();
  };
  try {
    if (needsFile) settleRestore(config.dataDir);
    const embedded = needsFile ? openSqliteEngines({ directory: config.dataDir }) : null;
    if (embedded) opened.push(embedded.eventLog, embedded.store);
    const specs = topicsWith(await partitionsFor(config, embedded?.eventLog ?? null));
    await embedded?.eventLog.ensureTopics(specs);
    const patience = { config, logger, signal: options.signal };
    if (config.eventLog?.login?.mechanism === 'PLAIN' && !config.eventLog.tls)
      logger.warn(
        'EVENT_LOG_SASL=plain without EVENT_LOG_TLS=true sends the password to Kafka as it is: whoever is between can read it',
      );
    const kafka =
      config.eventLog &&
      (await patiently(
        { ...patience, server: `Kafka at ${config.eventLog.brokers.join(', ')} (EVENT_LOG_BROKERS)` },
        () => openKafka(config, specs, logger),
      ));
    if (kafka) opened.push(kafka);
    const eventLog = kafka ?? required(embedded).eventLog;
    await options.onEventLog?.(eventLog);
    const neo4j =
      config.graphStore &&
      (await patiently(
        { ...patience, server: `Neo4j at ${new URL(config.graphStore.url).host} (GRAPH_STORE_URL)` },
        () => openStore(config, { eventLog, kafka, logger }),
      ));
    if (neo4j) opened.push(neo4j);
    const clickHouse = config.warehouse && `ClickHouse at ${new URL(config.warehouse.url).host} (WAREHOUSE_URL)`;
    const warehouse = await patiently({ ...patience, server: clickHouse }, () =>
      openWarehouse(config, logger, options),
    );
    opened.push(warehouse);
    const carrier =
      kafka && !neo4j ? await carry(config, specs, { from: required(embedded).eventLog, to: kafka, logger }) : null;
    if (carrier) opened.push(carrier);
    return { store: neo4j ?? required(embedded).store, eventLog, warehouse, outbox: neo4j?.relay ?? carrier, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whoever had a restore broken off wants its data, not a new platform beside the keys of the old one. Beside data lies what is left of one that was done. */
function settleRestore(dataDir: string): void {
  const draft = restoreDraft(dataDir);
  if (existsSync(join(dataDir, DATA_FILE))) return rmSync(draft, { recursive: true, force: true });
  if (existsSync(draft))
    throw new DataDirError(
      `a restore into ${dataDir} was broken off: run it again, or remove ${draft} to start without what it was to bring`,
    );
}

/** What only a set-up without its server asks for. */
function required(embedded: SqliteEngines | null): SqliteEngines {
  if (embedded === null) throw new Error('the embedded engines are not open');
  return embedded;
}

async function openKafka(config: Config, specs: readonly TopicSpec[], logger: Logger): Promise<KafkaEventLog> {
  if (config.eventLog === null) throw new Error('no server is configured for the event log');
  const { certificateFiles, client, ...reached } = config.eventLog;
  const certificate = certificateFiles && readClientCertificate(certificateFiles);
  const log = new KafkaEventLog({ ...reached, certificate, client: await kafkaClient(client) });
  try {
    await log.ensureTopics(specs);
    await checkGrown(log, specs, logger);
    for (const notice of await log.notices()) logger.warn(notice);
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** Looks for partitions that somebody has given to a topic since: keys change their places by them, and Kafka takes none back. */
async function checkGrown(log: EventLog, specs: readonly TopicSpec[], logger: Logger): Promise<void> {
  const alone = new Set(
    Object.values(topics).flatMap(({ name, partitions }) => (partitions > 1 ? [] : [name as string])),
  );
  for (const { name, partitions } of specs) {
    const found = await log.partitionsOf(name);
    if (found > 1 && alone.has(name)) {
      throw new TopicError(
        `topic ${name} has ${found} partitions and must have one, which is the order of its records: bring back a copy of it from before, or start with new topics (EVENT_LOG_PREFIX)`,
      );
    }
    if (found > partitions) {
      logger.warn(
        `topic ${name} has ${found} partitions, not ${partitions} (EVENT_PARTITIONS): if it was not made with as many, keys have changed their places`,
      );
    }
  }
}

/** The embedded store's records, carried from the log that commits with it. */
function carry(
  config: Config,
  specs: readonly TopicSpec[],
  { from, to, logger }: { from: EventLog; to: KafkaEventLog; logger: Logger },
): ReturnType<KafkaEventLog['carry']> {
  const onError = (error: unknown): void =>
    logger.error({ err: error }, 'records could not be carried to Kafka; they will be');
  const name = loadOrCreateKey(config.dataDir, 'log-source').toString('hex').slice(0, 32);
  return to.carry({ source: from, topics: specs.map((topic) => topic.name), name, onError });
}

function openStore(
  config: Config,
  {
    eventLog,
    kafka,
    logger,
  }: { readonly eventLog: EventLog; readonly kafka: KafkaEventLog | null; readonly logger: Logger },
): ReturnType<typeof openNeo4jGraphStore> {
  if (config.graphStore === null) throw new Error('no server is configured for the graph store');
  const onError = (error: unknown): void => logger.error({ err: error }, 'the outbox could not be carried; it will be');
  const onNotice = (text: string): void => logger.warn(text);
  const outboxLog = kafka?.outboxLog();
  return openNeo4jGraphStore({ ...config.graphStore, eventLog, ...(outboxLog && { outboxLog }), onError, onNotice });
}

async function openWarehouse(
  config: Config,
  logger: Logger,
  { emptyWarehouse: empty = false, onWarehouseDamaged: onDamaged, onWarehouseStuck: onStuck }: OpenOptions,
): Promise<Warehouse> {
  const warehouse = config.warehouse
    ? await openClickHouseWarehouse({ ...config.warehouse, empty })
    : await openChdbWarehouse({
        path: join(config.dataDir, 'warehouse'),
        empty,
        stuckMs: config.warehouseStuckMs,
        ...(onDamaged && { onDamaged }),
        ...(onStuck && { onStuck }),
      });
  try {
    for (const notice of await warehouse.migrate()) logger.warn(notice);
    return warehouse;
  } catch (error) {
    await warehouse.close();
    throw error;
  }
}

/** How long an attempt may take before it is told of: servers that take connections and say nothing, or behind a wall that drops what is sent, hold it up for minutes. */
const quietMs = 3_000;

/**
 * Tries until the server is there, telling each time what is missing: in the log, and at `/health/ready`. An embedded engine, without a `server`, has nothing to
 * wait for. An attempt that is under way when the signal comes is left alone, since one at a server that says nothing lasts for minutes.
 */
async function patiently<R extends { close(): Promise<void> }>(
  {
    config,
    logger,
    server,
    signal = new AbortController().signal,
  }: { config: Config; logger: Logger; server: string | null; signal?: AbortSignal | undefined },
  open: () => Promise<R>,
): Promise<R> {
  if (server === null) return open();
  const room = openWaitingRoom(config.server);
  const silence = setTimeout(() => {
    room.tell(`${server} has not answered yet`);
    logger.error(`${server} has not answered yet; waiting`);
  }, quietMs);
  const interrupted = aborted(signal).then(() => null);
  let missing: Error | null = null;
  try {
    for (let failures = 1; ; failures++) {
      const attempt = open();
      try {
        const opened = await Promise.race([attempt, interrupted]);
        if (opened !== null) return opened;
      } catch (error) {
        clearTimeout(silence);
        if (!isWorthWaiting(error, config) || signal.aborted) throw error;
        missing = error;
        room.tell(error.message);
        logger.error({ failures }, `${error.message}; trying again`);
        await backOff(failures, signal);
        continue;
      }
      void attempt.then((late) => late.close()).catch(() => undefined);
      throw missing ?? signal.reason;
    }
  } finally {
    clearTimeout(silence);
    await room.close();
  }
}

function isWorthWaiting(error: unknown, { graphStore, eventLog, warehouse }: Config): error is Error {
  if (error instanceof LogUnavailableError) return eventLog !== null;
  if (error instanceof StoreUnavailableError) return graphStore !== null;
  return error instanceof WarehouseUnavailableError && warehouse !== null;
}
