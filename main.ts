/** The composition root: which parts run in this process, until a signal ends it. `node main.ts --help` lists them. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { type CommandLine, UsageError } from './composition/command-line.ts';
import { isProcessStuck } from './engines/warehouse/stuck-watch.ts';
import { aborted } from './runtime/aborted.ts';
import { onBrokenPipe } from './runtime/broken-pipe.ts';
import { readConfig } from './runtime/config.ts';
import { tuneGarbageCollection } from './runtime/garbage-collection.ts';
import { createLogger } from './runtime/logger.ts';
import { isMistypedOption } from './runtime/mistyped-option.ts';
import { killProcess, replaceProcess } from './runtime/replace-process.ts';

tuneGarbageCollection();
onBrokenPipe(() => {});

// Half of a start is compiling the same files as the last time. Not in the machine's folder for that: others may write there.
enableCompileCache(join(import.meta.dirname, 'node_modules', '.cache', 'compiled'));

type Command = (line: CommandLine) => Promise<unknown>;

/** Each loads what it needs and no more: a gateway is up in half the time without the platform. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  all: async () => (await import('./composition/commands.ts')).all,
  token: async () => (await import('./composition/commands.ts')).token,
  revoke: async () => (await import('./composition/revoke-command.ts')).revoke,
  deadletters: async () => (await import('./composition/commands.ts')).deadLetters,
  rebuild: async () => (await import('./composition/rebuild.ts')).rebuild,
  backup: async () => (await import('./composition/backup.ts')).backup,
  restore: async () => (await import('./composition/backup.ts')).restore,
  import: async () => (await import('./composition/commands.ts')).importFile,
  gateway: async () => (await import('./composition/gateway-command.ts')).gateway,
  subgraph: async () => (await import('./composition/commands.ts')).subgraph,
  stream: async () => (await import('./composition/commands.ts')).stream,
  'export-canon': async () => (await import('./composition/canon-commands.ts')).exportCanon,
  'export-graph': async () => (await import('./composition/graph-export.ts')).exportGraph,
  'verify-canon': async () => (await import('./composition/canon-commands.ts')).verifyCanon,
  'export-releases': async () => (await import('./composition/release-commands.ts')).exportReleases,
  'verify-releases': async () => (await import('./composition/release-commands.ts')).verifyReleaseFile,
  'compare-reputation': async () => (await import('./composition/reputation-commands.ts')).compareReputation,
};

/** Errors whose message is written for whoever started the process; a stack trace would only hide it. */
const toldInWords = new Set([
  'UsageError',
  'IncompleteExportError',
  'ConfigError',
  'ImportFileError',
  'PortInUseError',
  'ListenError',
  'SupergraphError',
  'ManifestError',
  'DataDirError',
  'DataDirInUseError',
  'IssuerKeyError',
  'KeyFileError',
  'StoreUnavailableError',
  'LogUnavailableError',
  'TopicError',
  'WarehouseUnavailableError',
  'MigrationError',
  'NoteError',
  'VerificationError',
  'BackupError',
]);

/** They change nothing and leave nothing half done: a signal ends them where they are. */
const readers: ReadonlySet<string> = new Set(['token', 'verify-canon', 'verify-releases', 'compare-reputation']);

const stop = new AbortController();

async function main(argv: readonly string[]): Promise<void> {
  if (argv.includes('--help'))
    return void process.stdout.write(`${(await import('./composition/commands.ts')).usage}\n`);
  const [name, args] = isWholePlatform(argv) ? ['all', argv] : [argv[0] as string, argv.slice(1)];
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) throw new UsageError(`there is no command ${name}\n${(await import('./composition/commands.ts')).usage}`);
  const config = readConfig();
  const until = aborted(stop.signal);
  if (!readers.has(name)) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const logger = createLogger(config.logLevel);
  // Loaded where it is wanted only: it takes its time.
  const tracing = config.tracing
    ? (await import('./runtime/otlp-tracing.ts')).createOtlpTracing({ ...config.tracing, logger })
    : undefined;
  try {
    const command = await load();
    await command({ config, logger, tracing, args, until, signal: stop.signal });
  } finally {
    await tracing?.stop();
  }
}

/** `npm start`, with options or without. */
function isWholePlatform(argv: readonly string[]): boolean {
  return argv[0] === undefined || argv[0].startsWith('--');
}

const argv = process.argv.slice(2);
try {
  await main(argv);
} catch (error) {
  const isInterruption = stop.signal.aborted && error === stop.signal.reason;
  const known = error instanceof Error && (toldInWords.has(error.name) || isMistypedOption(error));
  process.stderr.write(
    `${isInterruption ? 'interrupted: what was there stays as it was' : known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
}
// Such a process cannot exit of its own accord. Whoever runs a command sees its error, and runs it again; the platform does that itself.
if (isProcessStuck()) {
  if (isWholePlatform(argv) && !stop.signal.aborted) replaceProcess();
  else killProcess();
} else if (stop.signal.aborted && process.exitCode === 1) {
  // An attempt to reach a server that says nothing holds the process for minutes, and whoever has ended it need not wait for that.
  process.exit();
}
