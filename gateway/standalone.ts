import type { Logger } from 'pino';
import type { Tracing } from '../runtime/tracing.ts';
import { SupergraphError } from './errors.ts';
import { createGateway } from './gateway.ts';
import type { Gateway } from './gateway.ts';
import type { PersistedOperations } from './operations/persisted.ts';
import type { GatewayLimits } from './options.ts';
import type { PlannerChoice } from './planning/planner.ts';
import { readSupergraph } from './supergraph/supergraph.ts';
import { createHttpTransport } from './transports/http.ts';
import type { SubgraphTransport } from './transports/transport.ts';

export interface StandaloneOptions {
  readonly port: number;
  readonly host: string;
  /** SDL of somebody's composed supergraph. */
  readonly supergraph: string;
  /** URLs by subgraph name, in place of those that the supergraph gives. */
  readonly subgraphUrls?: Readonly<Record<string, string>>;
  /**
   * Where subscriptions go, by subgraph name, where that is not the subgraph's URL. With `ws:` or `wss:` over WebSockets; with `http:` or `https:` those are
   * tried first, then server-sent events.
   */
  readonly subscriptionUrls?: Readonly<Record<string, string>>;
  /** How long a subgraph may take to answer, in milliseconds. */
  readonly subgraphTimeouts?: { readonly all: number; readonly of: Readonly<Record<string, number>> };
  readonly logger: Logger;
  readonly limits?: Partial<GatewayLimits>;
  readonly persisted?: PersistedOperations | undefined;
  readonly introspection?: boolean;
  readonly planner?: PlannerChoice | undefined;
  readonly overrideLabels?: readonly string[] | undefined;
  readonly webSocketOrigins?: readonly string[] | undefined;
  /** Whether `/metrics` is answered elsewhere, by `figures`, and not where clients are. */
  readonly metricsElsewhere?: boolean | undefined;
  readonly drainDelayMs?: number;
  readonly drainMs?: number;
  readonly tracing?: Tracing | undefined;
}

/**
 * A gateway over somebody else's supergraph, its subgraphs over HTTP. Nobody has to authenticate, and as there is no issuer to
 * trust, a token is refused. Throws `SupergraphError` for a subgraph without a URL or a URL or time without a subgraph.
 */
export function createStandaloneGateway(options: StandaloneOptions): Gateway {
  const {
    subgraphUrls = {},
    subscriptionUrls = {},
    subgraphTimeouts: timeouts,
    logger,
    port,
    host,
    supergraph,
    limits,
    introspection,
    persisted,
    planner,
    overrideLabels,
    webSocketOrigins,
    metricsElsewhere,
    drainDelayMs,
    drainMs,
    tracing,
  } = options;
  // Only now: a subgraph that a later supergraph is without needs no time.
  checkNames('SUBGRAPH_TIMEOUTS', timeouts?.of ?? {}, readSupergraph(supergraph).subgraphs);
  let open: ReadonlyMap<string, Connected> = new Map();
  const connect = (sdl: string): Readonly<Record<string, SubgraphTransport>> => {
    const { subgraphs } = readSupergraph(sdl);
    checkNames('--subgraph', subgraphUrls, subgraphs);
    checkNames('--subscriptions', subscriptionUrls, subgraphs);
    const next = new Map<string, Connected>();
    for (const { name, url: given } of subgraphs) {
      const url = checkUrl(name, subgraphUrls[name] ?? given);
      const subscriptionUrl = checkSubscriptionUrl(name, subscriptionUrls[name] ?? url);
      const known = open.get(name);
      const timeoutMs = timeouts?.of[name] ?? timeouts?.all;
      const transport =
        known?.url === url ? known.transport : createHttpTransport({ name, url, subscriptionUrl, timeoutMs });
      next.set(name, { url, transport });
    }
    open = next;
    return Object.fromEntries([...next].map(([name, { transport }]) => [name, transport]));
  };
  const gateway = createGateway({
    port,
    host,
    supergraph,
    transports: connect(supergraph),
    logger,
    persisted,
    planner,
    isolatePlanner: true,
    overrideLabels,
    webSocketOrigins,
    metricsElsewhere,
    drainDelayMs,
    drainMs,
    tracing,
    identity: { builtInKey: null, issuers: [] },
    ...(limits ? { limits } : {}),
    ...(introspection === undefined ? {} : { introspection }),
  });
  return {
    get address() {
      return gateway.address;
    },
    start: () => gateway.start(),
    stop: () => gateway.stop(),
    figures: () => gateway.figures(),
    reload: (sdl, transports) => gateway.reload(sdl, transports ?? connect(sdl)),
  };
}

interface Connected {
  readonly url: string;
  readonly transport: SubgraphTransport;
}

function checkNames(option: string, named: object, subgraphs: readonly { readonly name: string }[]): void {
  const unknown = Object.keys(named).find((name) => !subgraphs.some((subgraph) => subgraph.name === name));
  if (unknown === undefined) return;
  throw new SupergraphError(
    `${option} ${unknown}: the supergraph has no such subgraph, it has ${subgraphs.map(({ name }) => name).join(', ')}`,
  );
}

function checkUrl(name: string, url: string): string {
  const parsed = URL.parse(url);
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return url;
  throw new SupergraphError(
    `the subgraph ${name} has no usable URL (${JSON.stringify(url)}): give one with --subgraph ${name}=http://…`,
  );
}

function checkSubscriptionUrl(name: string, url: string): string {
  if (['http:', 'https:', 'ws:', 'wss:'].includes(URL.parse(url)?.protocol ?? '')) return url;
  throw new SupergraphError(
    `--subscriptions ${name}=${url}: the URL must begin with ws://, wss://, http:// or https://`,
  );
}
