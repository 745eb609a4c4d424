import type { Logger } from 'pino';
import type { SubgraphTransport } from '../gateway/transports/transport.ts';
import { createHttpTransport } from '../gateway/transports/http.ts';
import { createInProcessTransport } from '../gateway/transports/in-process.ts';
import { type Config, ConfigError } from '../runtime/config.ts';
import { createAnalyticsSubgraph } from '../subgraphs/analytics/subgraph.ts';
import { createArtifactsSubgraph } from '../subgraphs/artifacts/subgraph.ts';
import { visibleArtifact } from '../subgraphs/artifacts/visibility.ts';
import { createCanonSubgraph } from '../subgraphs/canon/subgraph.ts';
import { createCollaborationSubgraph } from '../subgraphs/collaboration/subgraph.ts';
import { visibleInvitation, visiblePost, visibleSpace } from '../subgraphs/collaboration/visibility.ts';
import { createCreatorsSubgraph } from '../subgraphs/creators/subgraph.ts';
import { createRelationshipsSubgraph } from '../subgraphs/relationships/subgraph.ts';
import { createReputationSubgraph } from '../subgraphs/reputation/subgraph.ts';
import type { SubgraphDependencies } from '../subgraphs/shared/context.ts';
import { createSubgraphExecutor } from '../subgraphs/shared/subgraph-executor.ts';
import { createSubgraphServer } from '../subgraphs/shared/subgraph-server.ts';
import type { Subgraph } from '../subgraphs/shared/subgraph.ts';

const factories: Readonly<Record<string, () => Subgraph>> = {
  analytics: createAnalyticsSubgraph,
  artifacts: createArtifactsSubgraph,
  canon: createCanonSubgraph,
  collaboration: createCollaborationSubgraph,
  creators: () =>
    createCreatorsSubgraph({
      Artifact: visibleArtifact,
      Space: visibleSpace,
      Post: visiblePost,
      Invitation: visibleInvitation,
    }),
  relationships: createRelationshipsSubgraph,
  reputation: createReputationSubgraph,
};

export const subgraphNames: readonly string[] = Object.keys(factories);

/** Throws for a name that no subgraph has, naming those that there are. */
export function makeSubgraph(name: string): Subgraph {
  const factory = Object.hasOwn(factories, name) ? factories[name] : undefined;
  if (!factory) throw new Error(`there is no subgraph ${name}: it is one of ${subgraphNames.join(', ')}`);
  return factory();
}

export interface Subgraphs {
  readonly transports: Readonly<Record<string, SubgraphTransport>>;
  stop(): Promise<void>;
}

/** All subgraphs in this process, called directly. */
export function inProcessSubgraphs(dependencies: SubgraphDependencies): Subgraphs {
  const transports = Object.fromEntries(
    subgraphNames.map((name) => [
      name,
      createInProcessTransport(createSubgraphExecutor(makeSubgraph(name), dependencies)),
    ]),
  );
  return { transports, stop: async () => {} };
}

/** Subgraphs of other processes, which take requests signed with the secret only. */
export function remoteSubgraphs(urls: Readonly<Record<string, string>>, calls: CallOptions): Subgraphs {
  const transports = subgraphNames.map((name) => [name, connect(name, urls[name] ?? '', calls)]);
  return { transports: Object.fromEntries(transports) as Subgraphs['transports'], stop: async () => {} };
}

/** Throws {@link ConfigError} for a time that was given to a subgraph that there is not: the one that was meant would have another. */
export function checkTimeouts({ subgraphTimeouts }: Config): void {
  const unknown = Object.keys(subgraphTimeouts.of).find((name) => !subgraphNames.includes(name));
  if (unknown === undefined) return;
  throw new ConfigError(
    `environment variable SUBGRAPH_TIMEOUTS: there is no subgraph ${unknown}: it is one of ${subgraphNames.join(', ')}`,
  );
}

interface CallOptions {
  readonly secret: string;
  readonly timeouts: Config['subgraphTimeouts'];
  readonly logger: Logger;
}

function connect(name: string, url: string, { secret, timeouts, logger }: CallOptions): SubgraphTransport {
  return createHttpTransport({
    name,
    url,
    secret,
    timeoutMs: timeouts.of[name] ?? timeouts.all,
    onClockDifference: (differenceMs) =>
      logger.warn(
        { subgraph: name, differenceS: Math.round(differenceMs / 1_000) },
        'the clock of a subgraph differs from this gateway’s: it is asked in its own time from now on; set both clocks (NTP)',
      ),
  });
}

/** All subgraphs in this process, each behind a loopback server of its own, reached as in a distributed set-up. */
export async function loopbackSubgraphs(dependencies: SubgraphDependencies, calls: CallOptions): Promise<Subgraphs> {
  const servers = subgraphNames.map((name) => ({
    name,
    server: createSubgraphServer({ subgraph: makeSubgraph(name), dependencies, secret: calls.secret }),
  }));
  for (const { server } of servers) await server.start(0, '127.0.0.1');
  return {
    transports: Object.fromEntries(servers.map(({ name, server }) => [name, connect(name, server.url, calls)])),
    stop: async () => {
      await Promise.all(servers.map(({ server }) => server.stop()));
    },
  };
}
