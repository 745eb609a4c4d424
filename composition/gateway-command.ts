import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readPersistedOperations } from '../gateway/operations/persisted.ts';
import { createStandaloneGateway } from '../gateway/standalone.ts';
import { fetchSupergraph, pollSupergraph } from '../gateway/supergraph/remote-supergraph.ts';
import { watchSupergraph } from '../gateway/supergraph/watch-supergraph.ts';
import { serveMetrics } from './metrics-server.ts';
import { type CommandLine, UsageError, say } from './command-line.ts';

function readSupergraph(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--supergraph ${file} cannot be read: ${(error as Error).message}`);
  }
}

function urlsByName(option: string, pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new UsageError(`${option} ${pair}: must be name=url`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** `gateway`: the platform's own over subgraphs of other processes, or one over somebody's supergraph. */
export async function gateway(line: CommandLine): Promise<void> {
  const { config, logger, tracing, args, until } = line;
  const { values } = parseArgs({
    args: [...args],
    options: {
      supergraph: { type: 'string' },
      subgraph: { type: 'string', multiple: true, default: [] },
      subscriptions: { type: 'string', multiple: true, default: [] },
    },
  });
  const subgraphUrls = urlsByName('--subgraph', values.subgraph);
  const subscriptionUrls = urlsByName('--subscriptions', values.subscriptions);
  if (values.supergraph === undefined) {
    if (values.subscriptions.length > 0)
      throw new UsageError("--subscriptions goes with --supergraph: the platform's own come from its log");
    return platformGateway(line, subgraphUrls);
  }
  const source = values.supergraph;
  const { introspection, ...limits } = config.limits;
  const { persisted: manifest } = config;
  const persisted = manifest ? readPersistedOperations(manifest.file, manifest.only) : undefined;
  const remote = /^https?:\/\//.test(source) ? await fetchSupergraph(source) : null;
  const supergraph = remote?.sdl ?? readSupergraph(source);
  const standalone = createStandaloneGateway({
    persisted,
    ...config.server,
    ...config.drain,
    supergraph,
    subgraphUrls,
    subscriptionUrls,
    subgraphTimeouts: config.subgraphTimeouts,
    logger,
    introspection,
    limits,
    planner: config.planner,
    overrideLabels: config.overrideLabels,
    webSocketOrigins: config.webSocketOrigins,
    metricsElsewhere: config.metricsPort !== null,
    tracing,
  });
  const figures = await serveMetrics(config, standalone);
  await standalone.start();
  say(`gateway over ${source.split('?')[0]} at ${standalone.address?.url ?? ''}`);
  const reload = (sdl: string): void => standalone.reload(sdl);
  const stopWatching = remote
    ? pollSupergraph({ url: source, current: remote, reload, logger })
    : watchSupergraph({ file: source, supergraph, reload, logger });
  await until;
  stopWatching();
  await standalone.stop();
  await figures?.stop();
}

/** The platform is loaded only here: it takes longer than all of a gateway over somebody's supergraph. */
async function platformGateway(
  { config, logger, tracing, until, signal }: CommandLine,
  subgraphUrls: Readonly<Record<string, string>>,
): Promise<void> {
  const [{ startGateway }, { subgraphNames }] = await Promise.all([import('./platform.ts'), import('./subgraphs.ts')]);
  for (const name of subgraphNames) {
    if (URL.parse(subgraphUrls[name] ?? '') !== null) continue;
    throw new UsageError(
      `--subgraph ${name}=http://… is missing: each of ${subgraphNames.join(', ')} needs its address`,
    );
  }
  const own = await startGateway(config, { subgraphUrls, logger, signal, tracing });
  say(`gateway of the platform at ${own.address.url}`);
  await until;
  await own.stop();
}
