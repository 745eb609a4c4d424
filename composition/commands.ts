import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { StoreUnavailableError } from '../engines/graph-store/port.ts';
import { ListenError, PortInUseError } from '../gateway/errors.ts';
import { ImportFileError, readImportFile } from '../importer/read-import.ts';
import { runImport } from '../importer/run-import.ts';
import { aborted } from '../runtime/aborted.ts';
import { TOKEN_AGE_S_MAX, issueToken } from '../runtime/issuer.ts';
import { replayDeadLetters } from '../streams/shared/replay-dead-letters.ts';
import { createLevelKeeper } from '../subgraphs/reputation/level-keeper.ts';
import { createSubgraphServer } from '../subgraphs/shared/subgraph-server.ts';
import { type CommandLine, UsageError, canonUsage, say } from './command-line.ts';
import { describeDeadLetters, showDeadLetter } from './dead-letters.ts';
import { demoUsername, loadDemo } from './demo.ts';
import { openEngines, openFilledEngines } from './engines.ts';
import { serveMetrics } from './metrics-server.ts';
import { keepPlatform } from './keep-platform.ts';
import { type Platform, loadKeys, makeDependencies } from './platform.ts';
import { createProgress } from './progress.ts';
import { createStageRegistry } from './stage-metrics.ts';
import { createStages, stageNames } from './stages.ts';
import { makeSubgraph, subgraphNames } from './subgraphs.ts';

const dayS = 86_400;

export const usage = `usage:
  npm start [-- --demo]                              the whole platform (with the demo community) in this process
  npm run token -- --creator NAME [--ttl SECONDS] [--scopes "read write"]
                                                     a token for NAME, on standard output
  npm run revoke -- --creator NAME [--issuer ISSUER] [--gateway URL]
                                                     ends every token that NAME was issued until now, on every gateway
  npm run import -- FILE.jsonl                       load a community (importer/README.md)
  npm run deadletters [-- --show ID | [--replay] [--processor NAME] [--reason CODE] [--id ID]]
                                                     what was refused and why, all or some; sends it again once that is mended
  npm run rebuild                                    the warehouse and every state anew, from the event log (streams stopped)
  npm run backup -- DIR                              the embedded data as it stands now, without keys; the platform may run
  npm run restore -- DIR [--erased OLD …]            into an empty DATA_DIR whose keys are in place
${canonUsage}
  npm run export:graph -- FILE [--for USERNAME]      creators, works, places and what relates them, as GraphML
  npm run export:releases -- FILE                    ledger, private releases and signed roots, for whoever wants to verify them
  npm run verify:releases -- FILE [--key BASE64]     recomputes such an export, offline
  npm run compare:reputation                         every score recomputed from the ledger by the warehouse, and compared
  npx node main.ts gateway --subgraph NAME=URL …     the platform's gateway over its subgraphs, wherever they run
  npx node main.ts gateway --supergraph FILE-OR-URL [--subgraph name=url …] [--subscriptions name=url …]
                                                     a gateway over somebody else's supergraph
  npx node main.ts subgraph NAME                     one of ${subgraphNames.join(', ')}
  npx node main.ts stream NAME                       one of ${stageNames.join(', ')}`;

/** `npm start`: everything, and with `--demo` the demo community. */
export async function all({ config, logger, tracing, args, signal }: CommandLine): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { demo: { type: 'boolean', default: false } } });
  let startedMs = performance.now();
  await keepPlatform(config, { logger, signal, tracing }, async (platform, ending) => {
    const base = platform.address.url.replace(/\/graphql$/, '');
    say(
      `V-COS is ready at ${base} after ${((performance.now() - startedMs) / 1000).toFixed(1)} s (data in ${config.dataDir})`,
    );
    if (values.demo) await demo(platform, base, ending);
    await aborted(ending);
    startedMs = performance.now();
  });
}

async function demo(platform: Platform, base: string, signal: AbortSignal): Promise<void> {
  const startedMs = performance.now();
  const report = await loadDemo(platform, signal).catch((error: unknown) => {
    // Demo data of another version: what is there still works, and may be somebody's.
    if (error instanceof ImportFileError) return null;
    // A disk that is full, above all. Who is served already goes on being served.
    if (error instanceof StoreUnavailableError) return error;
    throw error;
  });
  if (report === null)
    return say(
      'demo community: another version of V-COS loaded it; it stays as it was. For the one of this version set DATA_DIR to a new directory',
    );
  if (report instanceof Error)
    return say(`demo community: stopped: ${report.message}. The next start goes on from here`);
  if (!signal.aborted) await Promise.race([platform.drained(), aborted(signal)]);
  if (signal.aborted) return say('demo community: stopped; the next start goes on from here');
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  say(
    report.alreadyLoaded
      ? 'demo community: it is loaded already'
      : `demo community: ${report.lines - report.refused} of ${report.lines} lines loaded and processed in ${seconds} s; ${report.refused} that the rules refuse are in the dead letters`,
  );
  const token = await issueToken({ key: platform.keys.issuer, subject: demoUsername, ttlS: dayS });
  say(`dashboard, signed in as ${demoUsername} for a day:\n  ${base}/#token=${token}`);
}

/** `npm run token`: prints a token of the built-in issuer. */
export async function token({ config, args }: CommandLine): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      creator: { type: 'string' },
      ttl: { type: 'string', default: String(dayS) },
      scopes: { type: 'string' },
    },
  });
  const ttlS = Number(values.ttl);
  if (!values.creator) throw new UsageError(`--creator NAME is missing: the username that the token is for\n${usage}`);
  if (!Number.isInteger(ttlS) || ttlS < 1)
    throw new UsageError(`--ttl must be a whole number of seconds, not ${values.ttl}`);
  if (ttlS > TOKEN_AGE_S_MAX)
    throw new UsageError(`--ttl ${ttlS} is too long: ${TOKEN_AGE_S_MAX} seconds (90 days) are the most`);
  // Whoever mistyped DATA_DIR would only be told by a gateway, that the token is not good; before a first start it is right.
  if (!existsSync(join(config.dataDir, 'keys')))
    say(
      `there were no keys in ${config.dataDir}, new ones are made: the token is good where the platform runs with this DATA_DIR`,
    );
  const { issuer } = await loadKeys(config.dataDir);
  const scopes =
    values.scopes === undefined ? {} : { scopes: values.scopes.split(/[ ,]+/).filter((scope) => scope !== '') };
  process.stdout.write(`${await issueToken({ key: issuer, subject: values.creator, ttlS, ...scopes })}\n`);
}

/** `npm run import`: loads a community, with the processors running, and ends. */
export async function importFile({ config, logger, args, signal }: CommandLine): Promise<void> {
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new UsageError(`one FILE.jsonl is needed\n${usage}`);
  const source = readImportFile(file);
  const engines = await openEngines(config, { logger, signal });
  try {
    const dependencies = await makeDependencies(config, { engines, keys: await loadKeys(config.dataDir), logger });
    const report = await runImport({ ...engines, ...dependencies }, source, {
      onProgress: createProgress(source.header.community),
      signal,
    });
    const { length: total } = source.lines;
    if (report.lines < total) {
      say(
        `${report.community}: interrupted after ${report.lines} of ${total} lines; the same command goes on from there`,
      );
      // Nobody's script must take it for loaded.
      process.exitCode = 1;
      return;
    }
    say(
      report.alreadyLoaded
        ? `${report.community} is loaded already; nothing was changed`
        : `${report.community}: ${report.lines - report.refused} of ${report.lines} lines loaded, ${report.refused} refused (in the dead letters, with line number and reason). npm start processes and shows it.`,
    );
  } finally {
    await engines.close();
  }
}

/** `npm run deadletters`: shows what was refused, or sends it again. */
export async function deadLetters({ config, args, logger, signal }: CommandLine): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      show: { type: 'string' },
      replay: { type: 'boolean', default: false },
      processor: { type: 'string' },
      reason: { type: 'string' },
      id: { type: 'string' },
    },
  });
  const { processor, reason, id } = values;
  const filter = {
    ...(processor === undefined ? {} : { processor }),
    ...(reason === undefined ? {} : { reason }),
    ...(id === undefined ? {} : { id }),
  };
  if (values.show !== undefined && (values.replay || Object.keys(filter).length > 0))
    throw new UsageError('--show ID shows that letter only: leave the other options out');
  const engines = await openFilledEngines(config, { logger, signal });
  try {
    if (values.show !== undefined) {
      const shown = await showDeadLetter(engines.eventLog, values.show);
      if (shown === null)
        throw new UsageError(`there is no dead letter ${values.show}: npm run deadletters lists them, like 0:17`);
      return void process.stdout.write(`${shown}\n`);
    }
    if (!values.replay) return void process.stdout.write(`${await describeDeadLetters(engines.eventLog, filter)}\n`);
    const outcome = await replayDeadLetters(engines.eventLog, filter);
    say(
      `${outcome.replayed} sent again, ${outcome.before} were sent again before, ${outcome.lost} have no original in the log (lines of an import: mend the file and load it)`,
    );
  } finally {
    await engines.close();
  }
}

/** The NAME after `subgraph` and `stream`, which take nothing else: where they listen is told by the environment. */
function oneName(kind: 'subgraph' | 'stream', names: readonly string[], args: readonly string[]): string {
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true, options: {} });
  const [name, ...rest] = positionals;
  const known = `it is one of ${names.join(', ')}`;
  if (name === undefined || rest.length > 0) throw new UsageError(`one NAME of a ${kind} is needed: ${known}`);
  if (!names.includes(name)) throw new UsageError(`there is no ${kind} ${name}: ${known}`);
  return name;
}

/** `subgraph NAME`: one subgraph behind HTTP, for a gateway with the same `DATA_DIR/keys`. */
export async function subgraph({ config, logger, tracing, args, until, signal }: CommandLine): Promise<void> {
  const name = oneName('subgraph', subgraphNames, args);
  const made = makeSubgraph(name);
  const engines = await openEngines(config, { logger, signal });
  try {
    const keys = await loadKeys(config.dataDir);
    const dependencies = await makeDependencies(config, { engines, keys, logger, tracing });
    const server = createSubgraphServer({ subgraph: made, dependencies, secret: keys.gateway.toString('hex') });
    const figures = await serveMetrics(config, createStageRegistry());
    const { port, host } = config.server;
    await server.start(port, host).catch((error: unknown) => {
      const cause = error as NodeJS.ErrnoException;
      throw cause.code === 'EADDRINUSE' ? new PortInUseError(host, port) : new ListenError(host, port, cause);
    });
    say(`subgraph ${name} at ${server.url}`);
    const keeper = name === 'reputation' ? createLevelKeeper(dependencies) : null;
    keeper?.start();
    await until;
    await keeper?.stop();
    await server.stop();
    await figures?.stop();
  } finally {
    await engines.close();
  }
}

/** `stream NAME`: one group of processors and sinks. */
export async function stream({ config, logger, args, until, signal }: CommandLine): Promise<void> {
  const name = oneName('stream', stageNames, args);
  const engines = await openEngines(config, { logger, signal });
  try {
    const registry = createStageRegistry();
    const stages = await createStages(config, { engines, logger, metrics: registry.metrics, only: name });
    registry.watch(stages);
    if (engines.outbox) registry.watchOutbox(engines.outbox);
    registry.watchWarehouse(engines.warehouse);
    const figures = await serveMetrics(config, registry);
    for (const stage of stages) await stage.start();
    say(`stream ${name} runs`);
    // Nothing else here holds the process: what stages wait with does not.
    const hold = setInterval(() => {}, 60_000);
    await until;
    clearInterval(hold);
    for (const stage of stages.toReversed()) await stage.stop();
    await figures?.stop();
  } finally {
    await engines.close();
  }
}
