import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ApolloServer } from '@apollo/server';
import { createEngine } from './engine.ts';
import type { Engine, EngineSource } from './engine.ts';
import { ListenError, PortInUseError } from './errors.ts';
import { createApolloServer } from './http/apollo.ts';
import type { RequestContext } from './http/apollo.ts';
import { ApiUsage } from './usage/api-usage.ts';
import { createMetrics } from './http/metrics.ts';
import type { Metrics } from './http/metrics.ts';
import { createRouter } from './http/router.ts';
import { Revocations } from './identity/revocations.ts';
import { createTokenVerifier } from './identity/token-verifier.ts';
import type { TokenVerifier } from './identity/token-verifier.ts';
import { Admission } from './operations/admission.ts';
import { RateLimiter } from './operations/rate-limiter.ts';
import { LiveHub } from './live/live-hub.ts';
import { isForeignOrigin } from './live/origin.ts';
import { LiveEvents } from './live/sse.ts';
import { LiveWebSockets } from './live/websocket-server.ts';
import type { WebSocketOptions } from './live/websocket-server.ts';
import { defaultLimits } from './options.ts';
import type { GatewayLimits, GatewayOptions } from './options.ts';
import type { SubgraphTransport } from './transports/transport.ts';

export interface GatewayAddress {
  readonly host: string;
  readonly port: number;
  /** Where clients send operations. */
  readonly url: string;
}

/** The public edge: one HTTP server before all subgraphs. */
export interface Gateway {
  /** Resolves when requests are answered. Rejects with `PortInUseError` or `ListenError`. */
  start(): Promise<void>;
  /**
   * Says at `/health/ready` that it stops, serves on for `drainDelayMs`, then takes no more requests, lets running ones end within `drainMs`,
   * closes sockets with 1001 and a hint when to come back, then the transports.
   */
  stop(): Promise<void>;
  /** Its figures and `moreMetrics`, in Prometheus' text format. */
  figures(): Promise<string>;
  /** Null until it is started. */
  readonly address: GatewayAddress | null;
  /**
   * Serves another supergraph from the next request on. Requests that run, and subscriptions that are open, end on the one
   * they began with. `transports` replaces those by subgraph name; one that is not in it any more is closed when no request can need it. Throws
   * `SupergraphError`, and goes on with what there is, for a supergraph that cannot be served.
   */
  reload(supergraph: string, transports?: Transports): void;
}

type Transports = Readonly<Record<string, SubgraphTransport>>;

const keepAliveMs = 15_000;
const initTimeoutMs = 10_000;
const foreignOrigin = [
  'HTTP/1.1 403 Forbidden',
  'content-type: text/plain; charset=utf-8',
  'connection: close',
  '',
  'pages of other sites may not open a WebSocket here: name the Origin in WEBSOCKET_ORIGINS to let it in\n',
].join('\r\n');

/** Builds the gateway. Throws `SupergraphError` for a supergraph that cannot be served. */
export function createGateway(options: GatewayOptions): Gateway {
  const { logger, drainMs = 10_000, drainDelayMs = 0, moreMetrics = async () => '' } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const parts = assemble(options, limits);
  const { usage } = parts;
  let stopping: Promise<void> | null = null;
  let isClosed = false;
  let address: GatewayAddress | null = null;
  const figures = async (): Promise<string> => `${await parts.metrics.registry.metrics()}${await moreMetrics()}`;
  const router = createRouter({
    graphql: {
      ...parts,
      bodyBytesMax: limits.bodyBytesMax,
      persisted: options.persisted,
      tracing: options.tracing,
    },
    revoke: { ...parts, limiter: parts.admission.limiter },
    readiness: options.readiness ?? {},
    figures: options.metricsElsewhere === true ? null : figures,
    isStopping: () => stopping !== null,
    dashboardDirectory: options.dashboardDirectory,
    explorerDirectory: join(import.meta.dirname, 'explorer', 'dist'),
    logger,
  });
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 15_000, keepAliveTimeout: 65_000 }, router);
  server.maxConnections = limits.connectionsMax;
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.split('?')[0] !== '/graphql') socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    else if (isClosed) socket.end('HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\r\n');
    else if (isForeignOrigin(request, options.webSocketOrigins ?? [])) socket.end(foreignOrigin);
    else parts.sockets.upgrade(request, socket, head);
  });
  const stop = async (): Promise<void> => {
    if (address && drainDelayMs > 0) await pause(drainDelayMs);
    isClosed = true;
    const closed = closeServer(server, drainMs);
    parts.events.close();
    await parts.sockets.close(drainMs);
    parts.hub.close();
    parts.revocations?.close();
    await closed;
    await usage?.stop();
    if (address) await parts.apollo.stop();
    await Promise.all([...parts.transports].map((transport) => transport.close()));
  };
  return {
    get address() {
      return address;
    },
    figures,
    reload: parts.reload,
    async start() {
      parts.revocations?.start();
      usage?.start();
      await parts.apollo.start();
      try {
        address = await listen(server, options);
      } catch (error) {
        parts.revocations?.close();
        await parts.apollo.stop();
        throw error;
      }
    },
    stop: () => (stopping ??= stop()),
  };
}

interface Parts {
  readonly engines: EngineSource;
  readonly reload: Gateway['reload'];
  /** Those in use, and those that requests of an earlier supergraph may still use. */
  readonly transports: ReadonlySet<SubgraphTransport>;
  readonly metrics: Metrics;
  readonly verifier: TokenVerifier;
  /** Undefined where nothing can be revoked. */
  readonly revocations: Revocations | undefined;
  readonly admission: Admission;
  /** Undefined where nobody wants to know. */
  readonly usage: ApiUsage | undefined;
  readonly hub: LiveHub;
  readonly events: LiveEvents;
  readonly sockets: LiveWebSockets;
  readonly apollo: ApolloServer<RequestContext>;
}

function assemble(options: GatewayOptions, limits: GatewayLimits): Parts {
  const { logger, transports, introspection = true } = options;
  const { operationTimeoutMs } = limits;
  const metrics = createMetrics({
    transports: () => engines.current.dependencies.transports,
    revocations: () => revocations?.size ?? 0,
  });
  const onFetch: Metrics['fetch'] = (fetch) => {
    metrics.fetch(fetch);
  };
  const onFailure = (error: unknown): void => {
    logger.error({ err: error }, 'a WebSocket failed');
  };
  const build = (supergraphSdl: string, to: Transports): Engine =>
    createEngine({
      supergraphSdl,
      transports: to,
      logger,
      limits,
      introspection,
      operationTimeoutMs,
      onFetch,
      policies: options.policies,
      planner: options.planner,
      isolatePlanner: options.isolatePlanner,
      overrideLabels: options.overrideLabels,
    });
  const engines = { current: build(options.supergraph, transports) };
  const open = new Set(Object.values(transports));
  let tellApollo = (): void => {};
  const reload: Gateway['reload'] = (supergraph, next = engines.current.dependencies.transports) => {
    engines.current = build(supergraph, next);
    tellApollo();
    const used = new Set(Object.values(next));
    const gone = [...open].filter((transport) => !used.has(transport));
    for (const transport of used) open.add(transport);
    if (gone.length > 0) setTimeout(() => retire(gone, open, onFailure), operationTimeoutMs).unref();
  };
  const revocations = options.revocations && new Revocations({ ...options.revocations, logger });
  const verifier = createTokenVerifier({ ...options.identity, revocations });
  const hub = createHub(options, limits, { engines, metrics });
  const admission = createAdmission(limits, engines);
  const usage = options.usage && new ApiUsage(options.usage, logger);
  const clients = {
    usage,
    engines,
    hub,
    metrics,
    keepAliveMs,
    verifier,
    admission,
    persisted: options.persisted,
    onFailure,
    reconnectSpreadMs: options.reconnectSpreadMs ?? 2_000,
  };
  return {
    engines,
    reload,
    transports: open,
    metrics,
    verifier,
    admission,
    usage,
    hub,
    ...connectionsOf(clients, limits, revocations),
    revocations,
    apollo: createApolloServer({ engines, metrics, logger, onReloadable: (tell) => (tellApollo = tell) }),
  };
}

function createHub(
  { live, logger, policyRecheckMs = 10_000 }: GatewayOptions,
  { operationTimeoutMs, subscriptionQueueMax: queueMax, subscriptionsMax, subscriptionsPerCallerMax }: GatewayLimits,
  parts: Pick<Parts, 'engines' | 'metrics'>,
): LiveHub {
  const { log, sources = {}, cursorKey = randomBytes(32) } = live ?? {};
  const limits = { operationTimeoutMs, queueMax, subscriptionsMax, subscriptionsPerCallerMax, policyRecheckMs };
  return new LiveHub({ ...parts, ...limits, log, sources, cursorKey, logger });
}

function createAdmission(limits: GatewayLimits, engines: EngineSource): Admission {
  const { cost, costPerMinute } = limits;
  return new Admission({
    engines,
    limiter: costPerMinute > 0 ? new RateLimiter({ units: costPerMinute, windowS: 60 }) : undefined,
    variables: limits,
    costMax: cost > 0 ? cost : undefined,
  });
}

/** What clients keep open, and what ends it before they do. */
function connectionsOf(
  options: Omit<WebSocketOptions, 'initTimeoutMs' | 'messageBytesMax' | 'subscriptionsPerSocketMax'>,
  { bodyBytesMax, subscriptionsPerSocketMax }: GatewayLimits,
  revocations: Revocations | undefined,
): Pick<Parts, 'events' | 'sockets'> {
  const events = new LiveEvents(options);
  const sockets = new LiveWebSockets({
    ...options,
    initTimeoutMs,
    messageBytesMax: bodyBytesMax,
    subscriptionsPerSocketMax,
  });
  revocations?.onRevoked(() => {
    sockets.closeRevoked();
    events.closeRevoked();
  });
  return { events, sockets };
}

function retire(
  gone: readonly SubgraphTransport[],
  open: Set<SubgraphTransport>,
  onFailure: (error: unknown) => void,
): void {
  for (const transport of gone) {
    open.delete(transport);
    transport.close().catch(onFailure);
  }
}

async function listen(server: Server, { host, port }: GatewayOptions): Promise<GatewayAddress> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void =>
      reject(error.code === 'EADDRINUSE' ? new PortInUseError(host, port) : new ListenError(host, port, error));
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve();
    });
  });
  const bound = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return { host, port: bound.port, url: `http://${name}:${bound.port}/graphql` };
}

/** Requests that run may end; those that have not after `drainMs` are cut. */
async function closeServer(server: Server, drainMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection whose request just ended becomes idle, and would be kept alive for the next one.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
