/** The composition root: which parts run in this process, until a signal ends it. `node main.ts --help` lists them. */
import { setFlagsFromString } from 'node:v8';
import {
  type CommandLine,
  UsageError,
  all,
  deadLetters,
  gateway,
  importFile,
  stream,
  subgraph,
  token,
  usage,
} from './composition/commands.ts';
import { exportCanon, verifyCanon } from './composition/canon-commands.ts';
import { compareReputation } from './composition/reputation-commands.ts';
import { exportGraph } from './composition/graph-export.ts';
import { backup, restore } from './composition/backup.ts';
import { rebuild } from './composition/rebuild.ts';
import { exportReleases, verifyReleaseFile } from './composition/release-commands.ts';
import { revoke } from './composition/revoke-command.ts';
import { readConfig } from './runtime/config.ts';
import { createLogger } from './runtime/logger.ts';

// V8 lets the heap grow to several times what lives in it before it collects. Beside a warehouse in the same process that memory
// is better left free: the demo's resident memory is a tenth lower, at no processor time that could be told from noise.
setFlagsFromString('--heap-growing-percent=120');

const commands: Readonly<Record<string, (line: CommandLine) => Promise<void>>> = {
  all,
  token,
  revoke,
  deadletters: deadLetters,
  rebuild: async (line) => {
    await rebuild(line);
  },
  backup,
  restore,
  import: importFile,
  gateway,
  subgraph,
  stream,
  'export-canon': exportCanon,
  'export-graph': exportGraph,
  'verify-canon': verifyCanon,
  'export-releases': exportReleases,
  'verify-releases': verifyReleaseFile,
  'compare-reputation': compareReputation,
};

/** Errors whose message is written for whoever started the process; a stack trace would only hide it. */
const toldInWords = new Set([
  'UsageError',
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
  'NoteError',
  'VerificationError',
  'BackupError',
]);

async function main(argv: readonly string[]): Promise<void> {
  if (argv.includes('--help')) return void process.stdout.write(`${usage}\n`);
  const isOption = argv[0] === undefined || argv[0].startsWith('--');
  const [name, args] = isOption ? ['all', argv] : [argv[0] as string, argv.slice(1)];
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new UsageError(`there is no command ${name}\n${usage}`);
  const config = readConfig();
  const stop = new AbortController();
  const until = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const logger = createLogger(config.logLevel);
  // Loaded where it is wanted only: it takes its time.
  const tracing = config.tracing
    ? (await import('./runtime/otlp-tracing.ts')).createOtlpTracing({ ...config.tracing, logger })
    : undefined;
  try {
    await command({ config, logger, tracing, args, until, signal: stop.signal });
  } finally {
    await tracing?.stop();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const known =
    error instanceof Error &&
    (toldInWords.has(error.name) || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')));
  process.stderr.write(
    `${known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
}
