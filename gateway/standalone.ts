import type { Logger } from 'pino';
import { SupergraphError } from './errors.ts';
import { createGateway } from './gateway.ts';
import type { Gateway } from './gateway.ts';
import type { PersistedOperations } from './operations/persisted.ts';
import type { GatewayLimits } from './options.ts';
import { readSupergraph } from './supergraph/supergraph.ts';
import { createHttpTransport } from './transports/http.ts';

export interface StandaloneOptions {
  readonly port: number;
  readonly host: string;
  /** SDL of somebody's composed supergraph. */
  readonly supergraph: string;
  /** URLs by subgraph name, in place of those that the supergraph gives. */
  readonly subgraphUrls?: Readonly<Record<string, string>>;
  readonly logger: Logger;
  readonly limits?: Partial<GatewayLimits>;
  readonly persisted?: PersistedOperations | undefined;
  readonly introspection?: boolean;
}

/**
 * A gateway over somebody else's supergraph, its subgraphs over HTTP. Nobody has to authenticate, and as there is no issuer to
 * trust, a token is refused. Throws `SupergraphError` for a subgraph without a URL or a URL without a subgraph.
 */
export function createStandaloneGateway(options: StandaloneOptions): Gateway {
  const { subgraphUrls = {}, logger, port, host, supergraph, limits, introspection, persisted } = options;
  const { subgraphs } = readSupergraph(supergraph);
  const unknown = Object.keys(subgraphUrls).find((name) => !subgraphs.some((subgraph) => subgraph.name === name));
  if (unknown !== undefined) {
    throw new SupergraphError(
      `--subgraph ${unknown}: the supergraph has no such subgraph, it has ${subgraphs.map(({ name }) => name).join(', ')}`,
    );
  }
  const transports = Object.fromEntries(
    subgraphs.map(({ name, url }) => [
      name,
      createHttpTransport({ name, url: checkUrl(name, subgraphUrls[name] ?? url) }),
    ]),
  );
  return createGateway({
    port,
    host,
    supergraph,
    transports,
    logger,
    persisted,
    identity: { builtInKey: null, issuers: [] },
    ...(limits ? { limits } : {}),
    ...(introspection === undefined ? {} : { introspection }),
  });
}

function checkUrl(name: string, url: string): string {
  const parsed = URL.parse(url);
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return url;
  throw new SupergraphError(
    `the subgraph ${name} has no usable URL (${JSON.stringify(url)}): give one with --subgraph ${name}=http://…`,
  );
}
