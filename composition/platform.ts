import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Gateway, type GatewayAddress, createGateway } from '../gateway/gateway.ts';
import { createCapabilityPolicies } from '../gateway/operations/capability-policies.ts';
import { readPersistedOperations } from '../gateway/operations/persisted.ts';
import type { DecidePolicy } from '../gateway/operations/policies.ts';
import { watchSupergraph } from '../gateway/supergraph/watch-supergraph.ts';
import type { Config } from '../runtime/config.ts';
import { HlcClock } from '../runtime/hlc-clock.ts';
import { type IssuerKey, loadOrCreateIssuerKey } from '../runtime/issuer.ts';
import { loadOrCreateKey } from '../runtime/key-file.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Tracing } from '../runtime/tracing.ts';
import { decodeEventRecord } from '../schema/events/catalogue.ts';
import { clockDomain } from '../schema/hlc.ts';
import { liveSources } from '../schema/live.ts';
import { revocationKeyOf } from '../schema/revocations.ts';
import { topics } from '../schema/topics.ts';
import type { Stage } from '../streams/shared/stage.ts';
import { createLevelKeeper } from '../subgraphs/reputation/level-keeper.ts';
import type { SubgraphDependencies } from '../subgraphs/shared/context.ts';
import { canonSigner } from './canon-key.ts';
import type { Engines, OpenOptions } from './engines.ts';
import { openWholeEngines } from './fill-warehouse.ts';
import { serveMetrics } from './metrics-server.ts';
import { type StageRegistry, createStageRegistry } from './stage-metrics.ts';
import { createStages } from './stages.ts';
import { type Subgraphs, checkTimeouts, inProcessSubgraphs, loopbackSubgraphs, remoteSubgraphs } from './subgraphs.ts';

/** For one machine's own clients: far above what a person or a dashboard uses, below what would hold up everybody else. */
const generous = { cost: 50_000, costPerMinute: 3_000_000, subscriptionsPerCallerMax: 1_000 };
const root = join(import.meta.dirname, '..');
/** How many of the newest records are looked at for the last reading of the live clock. */
const clockLookback = 500;

export interface Keys {
  readonly master: Buffer;
  readonly gateway: Buffer;
  readonly issuer: IssuerKey;
}

/** Everything of one machine in one process. */
export interface Platform {
  readonly engines: Engines;
  readonly dependencies: SubgraphDependencies;
  readonly stages: readonly Stage[];
  readonly keys: Keys;
  readonly address: GatewayAddress;
  /** Resolves when every processor and sink has handled what the log held when it was called. */
  drained(): Promise<void>;
  stop(): Promise<void>;
}

export async function loadKeys(dataDir: string): Promise<Keys> {
  return {
    master: loadOrCreateKey(dataDir, 'master'),
    gateway: loadOrCreateKey(dataDir, 'gateway'),
    issuer: await loadOrCreateIssuerKey(join(dataDir, 'keys', 'issuer.json')),
  };
}

/** What subgraphs and commands need, over open engines, with a clock that goes on from the newest live event. */
export async function makeDependencies(
  config: Config,
  parts: { engines: Engines; keys: Keys; logger: Logger; tracing?: Tracing | undefined },
): Promise<SubgraphDependencies> {
  const { engines, keys, logger, tracing } = parts;
  const clock = new HlcClock({ node: `live:${config.region}` });
  for (const reading of await newestLiveReadings(engines)) clock.restore(reading);
  const signer = canonSigner(config);
  const { region, reputationSeeds, seedTermMs } = config;
  return { ...engines, clock, masterKey: keys.master, region, signer, reputationSeeds, seedTermMs, logger, tracing };
}

async function newestLiveReadings({ eventLog }: Engines): Promise<readonly { wallUs: number; counter: number }[]> {
  const topic = topics.events.name;
  const ends = await eventLog.ends(topic);
  const pages = await Promise.all(
    ends.map((end, partition) =>
      eventLog.read({ topic, partition, from: Math.max(0, end - clockLookback), limit: clockLookback }),
    ),
  );
  return pages.flat().flatMap((record) => {
    const decoded = decodeEventRecord(record.value);
    return decoded.kind === 'event' && clockDomain(decoded.event.hlc) === 'live' ? [decoded.event.hlc] : [];
  });
}

interface Part {
  stop(): Promise<void>;
}

/** What starts over open engines: `started` takes each part as it runs; the last to start is the first to stop. */
interface Assembly {
  readonly engines: Engines;
  readonly keys: Keys;
  readonly started: (part: Part) => void;
}

/** Opens the engines and lets `assemble` start what stands on them; stops what had started when something fails. */
async function assembled<T extends object>(
  config: Config,
  options: OpenOptions & { readonly logger: Logger },
  assemble: (assembly: Assembly) => Promise<T>,
): Promise<T & Part> {
  checkTimeouts(config);
  const engines = await openWholeEngines(config, options);
  const parts: Part[] = [];
  const stop = async (): Promise<void> => {
    for (const part of parts.toReversed()) await part.stop();
    await engines.close();
  };
  try {
    const keys = await loadKeys(config.dataDir);
    return { ...(await assemble({ engines, keys, started: (part) => void parts.push(part) })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Opens the engines, starts streams, subgraphs and gateway. */
export function startPlatform(
  config: Config,
  logger: Logger,
  { tracing, ...opening }: Omit<OpenOptions, 'logger'> & { readonly tracing?: Tracing | undefined } = {},
): Promise<Platform> {
  return assembled(config, { ...opening, logger }, async ({ engines, keys, started }) => {
    const dependencies = await makeDependencies(config, { engines, keys, logger, tracing });
    const streams = createStageRegistry();
    const stages = await createStages(config, { engines, logger, metrics: streams.metrics });
    streams.watch(stages);
    if (engines.outbox) streams.watchOutbox(engines.outbox);
    streams.watchWarehouse(engines.warehouse);
    for (const stage of stages) {
      await stage.start();
      started(stage);
    }
    const timeouts = config.subgraphTimeouts;
    const subgraphs =
      config.subgraphTransport === 'http'
        ? await loopbackSubgraphs(dependencies, { secret: keys.gateway.toString('hex'), timeouts, logger })
        : inProcessSubgraphs(dependencies);
    started(subgraphs);
    const keeper = createLevelKeeper(dependencies);
    keeper.start();
    started(keeper);
    const address = await runGateway(config, { engines, keys, logger, stages, subgraphs, streams, tracing }, started);
    return { engines, dependencies, stages, keys, address, drained: () => drained(stages, engines) };
  });
}

/** The platform's gateway alone, as many of it as wanted: its subgraphs are other processes with the same keys. */
export function startGateway(
  config: Config,
  options: {
    readonly subgraphUrls: Readonly<Record<string, string>>;
    readonly logger: Logger;
    readonly signal?: AbortSignal;
    readonly tracing: Tracing | undefined;
  },
): Promise<{ readonly address: GatewayAddress; stop(): Promise<void> }> {
  const { logger, tracing } = options;
  return assembled(config, options, async ({ engines, keys, started }) => {
    const subgraphs = remoteSubgraphs(options.subgraphUrls, {
      secret: keys.gateway.toString('hex'),
      timeouts: config.subgraphTimeouts,
      logger,
    });
    started(subgraphs);
    const streams = createStageRegistry();
    const address = await runGateway(
      config,
      { engines, keys, logger, stages: [], subgraphs, streams, tracing },
      started,
    );
    return { address };
  });
}

/** Starts the gateway, which takes over a changed supergraph file while it runs. */
async function runGateway(config: Config, parts: GatewayParts, started: Assembly['started']): Promise<GatewayAddress> {
  const gateway = gatewayOf(config, parts);
  const figures = await serveMetrics(config, gateway);
  if (figures) started(figures);
  await gateway.start();
  started(gateway);
  const { logger } = parts;
  const stopWatching = watchSupergraph({ ...readSupergraphFile(), reload: (sdl) => gateway.reload(sdl), logger });
  started({ stop: async () => stopWatching() });
  if (gateway.address === null) throw new Error('the gateway started without an address');
  return gateway.address;
}

/** Policies are decided by trust levels, which one subgraph knows. */
function policiesOf({ transports }: Subgraphs, logger: Logger): DecidePolicy {
  const transport = transports['reputation'];
  if (!transport) throw new Error('there is no subgraph reputation, which decides policies');
  return createCapabilityPolicies({ transport, logger });
}

function readSupergraphFile(): { readonly file: string; readonly supergraph: string } {
  const file = join(root, 'schema', 'supergraph.graphql');
  return { file, supergraph: readFileSync(file, 'utf8') };
}

interface GatewayParts {
  readonly engines: Engines;
  readonly streams: StageRegistry;
  readonly keys: Keys;
  readonly logger: Logger;
  readonly stages: readonly Stage[];
  readonly subgraphs: Subgraphs;
  readonly tracing: Tracing | undefined;
}

function gatewayOf(config: Config, parts: GatewayParts): Gateway {
  const { engines, keys, logger, stages, subgraphs } = parts;
  const { introspection, ...limits } = config.limits;
  return createGateway({
    ...config.server,
    ...config.drain,
    supergraph: readSupergraphFile().supergraph,
    transports: subgraphs.transports,
    logger,
    identity: { builtInKey: keys.issuer.publicKey, issuers: config.oidcIssuers },
    tracing: parts.tracing,
    policies: policiesOf(subgraphs, logger),
    revocations: { log: engines.eventLog, key: revocationKeyOf(keys.master) },
    usage: {
      log: engines.eventLog,
      key: createHmac('sha256', keys.gateway).update('callers of the API').digest(),
    },
    dashboardDirectory: join(root, 'dashboard', 'dist'),
    live: {
      log: engines.eventLog,
      sources: liveSources,
      cursorKey: createHmac('sha256', keys.gateway).update('subscription cursors').digest(),
    },
    moreMetrics: () => parts.streams.text(),
    metricsElsewhere: config.metricsPort !== null,
    readiness: {
      store: async () => {
        await engines.store.count('Creator');
      },
      log: async () => {
        await engines.eventLog.ends(topics.events.name);
      },
      warehouse: () => engines.warehouse.ping(),
      // Of streams in other processes a gateway knows nothing: it must not call them ok.
      ...(stages.length > 0 && {
        streams: async () => {
          await Promise.all(stages.map((stage) => stage.lag()));
        },
      }),
    },
    persisted: config.persisted ? readPersistedOperations(config.persisted.file, config.persisted.only) : undefined,
    introspection,
    webSocketOrigins: config.webSocketOrigins,
    limits: { ...generous, ...limits },
  });
}

const drainPollMs = 50;
/** Stages feed each other: only when all are idle twice in a row has everything arrived. */
const quietRounds = 2;

export async function drained(stages: readonly Stage[], { outbox }: Pick<Engines, 'outbox'>): Promise<void> {
  await outbox?.settled();
  for (let quiet = 0; quiet < quietRounds;) {
    const lags = await Promise.all(stages.map((stage) => stage.lag()));
    quiet = lags.flat().every(({ lag }) => lag === 0) ? quiet + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, drainPollMs));
  }
}
