import { createHmac } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { lockDataDir, restoreDraft } from '../engines/data-dir.ts';
import type { EventLog } from '../engines/event-log/port.ts';
import { BackupError, checkDataFile, copyDataFile, digestOf } from '../engines/sqlite/backup.ts';
import { type SqliteEngines, openSqliteEngines } from '../engines/sqlite/open-engines.ts';
import { DATA_FILE } from '../engines/sqlite/sqlite-file.ts';
import type { Config } from '../runtime/config.ts';
import { HlcClock } from '../runtime/hlc-clock.ts';
import { loadOrCreateKey } from '../runtime/key-file.ts';
import { makeDirectory } from '../runtime/make-directory.ts';
import { decodeEventRecord } from '../schema/events/catalogue.ts';
import { type HlcTimestamp, hlcToIso } from '../schema/hlc.ts';
import { topics } from '../schema/topics.ts';
import { signHeadsAnew } from '../streams/canon/tree-store.ts';
import { passOver } from '../streams/privacy/pass-over.ts';
import { eraseCreator } from '../subgraphs/creators/commands/erase-creator.ts';
import { v7 as uuidv7 } from 'uuid';
import { type NextHistory, nextHistory } from './canon-key.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { requireData } from './engines.ts';

const usage = `usage:
  npm run backup -- DIR                     copies the embedded data into DIR, also while the platform runs; DIR must not exist
  npm run restore -- DIR [--erased OLD …]   into an empty DATA_DIR whose keys are in place; OLD: a later DATA_DIR or backup that knows of erasures since`;

const manifestFile = 'backup.json';
const pageRecords = 1_000;

const manifestSchema = z.strictObject({
  backup: z.literal(1),
  madeAt: z.iso.datetime(),
  /** Tells whether a master key is the one that the data was sealed under, and nothing else about it. */
  masterKeyCheck: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
type Manifest = z.infer<typeof manifestSchema>;

const keyCheck = (masterKey: Buffer): string => createHmac('sha256', masterKey).update('vcos backup').digest('hex');

function oneDirectory(positionals: readonly string[]): string {
  const [directory] = positionals;
  if (directory === undefined || positionals.length > 1) throw new UsageError(`one DIR is needed\n${usage}`);
  return resolve(directory);
}

/** What the disk or SQLite refuses, in words; errors that tell themselves are passed on. */
function inWords(error: unknown, what: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? new BackupError(`${what}: ${message}`, { cause: error }) : error;
}

function refuseServers({ eventLog, graphStore }: Config): void {
  if (eventLog ?? graphStore)
    throw new UsageError(
      'backup and restore are for the embedded data: Kafka and Neo4j have their own tools (unset EVENT_LOG_BROKERS and GRAPH_STORE_URL for what is embedded)',
    );
}

/** `npm run backup`: state, log, offsets in one consistent copy, without keys and without the warehouse, which can be had from the log. */
export async function backup({ config, args }: CommandLine): Promise<void> {
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true, options: {} });
  const directory = oneDirectory(positionals);
  refuseServers(config);
  const source = join(config.dataDir, DATA_FILE);
  requireData(config.dataDir);
  if (existsSync(directory)) throw new UsageError(`${directory} exists already: name a new directory`);
  const draft = `${directory}.incomplete`;
  try {
    const { bytes, madeAt } = await writeDraft(draft, config.dataDir);
    renameSync(draft, directory);
    process.stderr.write(
      `${directory}: ${bytes} bytes as of ${madeAt}, without keys: keep ${join(config.dataDir, 'keys')} in another place\n`,
    );
  } catch (error) {
    // A disk that was full for it would stay full.
    rmSync(draft, { recursive: true, force: true });
    throw inWords(error, `no backup was made of ${source} in ${directory}`);
  }
}

async function writeDraft(draft: string, dataDir: string): Promise<Manifest> {
  rmSync(draft, { recursive: true, force: true });
  makeDirectory(draft);
  const copy = join(draft, DATA_FILE);
  const madeAt = new Date().toISOString();
  copyDataFile(join(dataDir, DATA_FILE), copy);
  chmodSync(copy, 0o600);
  const manifest: Manifest = {
    backup: 1,
    madeAt,
    masterKeyCheck: keyCheck(loadOrCreateKey(dataDir, 'master')),
    bytes: statSync(copy).size,
    sha256: await digestOf(copy),
  };
  writeFileSync(join(draft, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
  return manifest;
}

/** `npm run restore`: takes a backup back. Whoever is known to have been erased since is erased again before anybody can ask. */
export async function restore({ config, args }: CommandLine): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { erased: { type: 'string', multiple: true, default: [] } },
  });
  const directory = oneDirectory(positionals);
  refuseServers(config);
  const manifest = await checkBackup(directory);
  const { dataDir } = config;
  refuseData(dataDir);
  if (!existsSync(join(dataDir, 'keys', 'master.key')))
    throw new UsageError(
      `${join(dataDir, 'keys', 'master.key')} is missing: put the keys there first; without them no personal field of the backup can be read`,
    );
  const masterKey = loadOrCreateKey(dataDir, 'master');
  if (keyCheck(masterKey) !== manifest.masterKeyCheck)
    throw new BackupError(
      `the master key in ${join(dataDir, 'keys')} is not the one that the backup was sealed under: put the right keys there`,
    );
  const lock = lockDataDir(dataDir);
  const draft = restoreDraft(dataDir);
  try {
    // Another one may have been quicker.
    refuseData(dataDir);
    rmSync(draft, { recursive: true, force: true });
    makeDirectory(draft);
    const ids = new Set<string>();
    for (const other of values.erased) for (const id of await erasedIn(resolve(other), draft)) ids.add(id);
    const { count, fromUs, history } = await prepareDraft(join(directory, DATA_FILE), draft, {
      ids,
      masterKey,
      config,
    });
    // Filled anew from the log by the next start.
    rmSync(join(dataDir, 'warehouse'), { recursive: true, force: true });
    const formerKeyFile = history.begin();
    // Only now: whatever ends this process before, a kill above all, leaves nothing that could be started on.
    renameSync(join(draft, DATA_FILE), join(dataDir, DATA_FILE));
    process.stderr.write(
      `restored what was there at ${manifest.madeAt}; ${count} creators who were erased since are erased again; live windows are released again from ${new Date(fromUs / 1_000).toISOString()} on; canon goes on as the log ${history.signer.name} (what was signed before verifies with --key ${formerKeyFile}). npm start fills the warehouse from the log\n`,
    );
  } catch (error) {
    throw inWords(error, `nothing was restored into ${dataDir}`);
  } finally {
    rmSync(draft, { recursive: true, force: true });
    lock.release();
  }
}

/** Its write-ahead log is data, too, and SQLite would write what stands there over a data file that it does not belong to. */
function refuseData(dataDir: string): void {
  if (existsSync(join(dataDir, DATA_FILE)))
    throw new UsageError(
      `${dataDir} holds data already: move it away and name it with --erased, so that whoever was erased since the backup stays so`,
    );
  const rest = join(dataDir, `${DATA_FILE}-wal`);
  if (existsSync(rest))
    throw new UsageError(`${rest} belongs to a ${DATA_FILE} that was moved away without it: move it to there`);
}

/** Makes of the copy in a backup, in a directory of its own, what may be started on. */
async function prepareDraft(
  copy: string,
  draft: string,
  given: { readonly ids: ReadonlySet<string>; readonly masterKey: Buffer; readonly config: Config },
): Promise<{ readonly count: number; readonly fromUs: number; readonly history: NextHistory }> {
  const { ids, masterKey, config } = given;
  const file = join(draft, DATA_FILE);
  copyFileSync(copy, file);
  chmodSync(file, 0o600);
  const engines = openSqliteEngines({ directory: draft });
  let prepared;
  try {
    const count = await eraseAgain(engines, { ids, masterKey, region: config.region });
    const fromUs = await passOver(engines.eventLog, Date.now() * 1_000);
    const history = nextHistory(config, new Date());
    await signHeadsAnew(engines.store, history.signer, await engines.eventLog.partitionsOf(topics.events.name));
    prepared = { count, fromUs, history };
  } finally {
    await closeAll(engines);
  }
  if (existsSync(`${file}-wal`))
    throw new BackupError(`${file} could not be written to its end: is the disk full? Make room and try again`);
  return prepared;
}

/** Reads a backup through. Throws {@link BackupError} that names what is wrong with it. */
async function checkBackup(directory: string): Promise<Manifest> {
  const file = join(directory, manifestFile);
  if (!existsSync(file)) throw new BackupError(`${directory} is no backup: there is no ${manifestFile} in it`);
  let parsed: ReturnType<typeof manifestSchema.safeParse>;
  try {
    parsed = manifestSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new BackupError(`${file} is not JSON: the backup is damaged`);
  }
  if (!parsed.success)
    throw new BackupError(
      `${file} does not describe a backup that this program knows: ${z.prettifyError(parsed.error)}`,
    );
  const copy = join(directory, DATA_FILE);
  if (!existsSync(copy)) throw new BackupError(`${copy} is missing: the backup is not whole`);
  const { size } = statSync(copy);
  if (size !== parsed.data.bytes)
    throw new BackupError(`${copy} has ${size} bytes, not the ${parsed.data.bytes} that were backed up`);
  if ((await digestOf(copy)) !== parsed.data.sha256)
    throw new BackupError(`${copy} is not what was backed up: its SHA-256 differs; take another backup`);
  checkDataFile(copy);
  return parsed.data;
}

/** The ids of the creators of whose erasure a data directory or a backup knows. */
async function erasedIn(directory: string, draft: string): Promise<readonly string[]> {
  const source = join(directory, DATA_FILE);
  if (!existsSync(source)) throw new UsageError(`--erased ${directory}: there is no ${DATA_FILE} in it`);
  // Not beside it: a backup may lie where nothing can be written.
  const scratch = join(draft, 'erased');
  makeDirectory(scratch);
  try {
    copyDataFile(source, join(scratch, DATA_FILE));
    const engines = openSqliteEngines({ directory: scratch });
    try {
      return await erasedIds(engines.eventLog);
    } finally {
      await closeAll(engines);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function erasedIds(eventLog: EventLog): Promise<readonly string[]> {
  const ids: string[] = [];
  const topic = topics.events.name;
  for (let partition = 0; partition < (await eventLog.partitionsOf(topic)); partition += 1) {
    for (let from = 0; ;) {
      const page = await eventLog.read({ topic, partition, from, limit: pageRecords });
      for (const { value } of page) {
        const decoded = decodeEventRecord(value);
        if (decoded.kind === 'event' && decoded.event.type === 'creator.erased') ids.push(decoded.event.entity.id);
      }
      const last = page.at(-1);
      if (!last) break;
      from = last.offset + 1;
    }
  }
  return ids;
}

/** Runs the creators' own command again, with its event: canon tells of it, and their keys are gone. Resolves with the number of those who were there. */
async function eraseAgain(
  { store, eventLog }: SqliteEngines,
  {
    ids,
    masterKey,
    region,
  }: { readonly ids: ReadonlySet<string>; readonly masterKey: Buffer; readonly region: string },
): Promise<number> {
  const clock = new HlcClock({ node: `live:${region}` });
  const ends = await eventLog.ends(topics.events.name);
  for (const [partition, end] of ends.entries()) {
    const page = await eventLog.read({
      topic: topics.events.name,
      partition,
      from: Math.max(0, end - pageRecords),
      limit: pageRecords,
    });
    for (const { value } of page) {
      const decoded = decodeEventRecord(value);
      if (decoded.kind === 'event' && decoded.event.hlc.node.startsWith('live:')) clock.restore(decoded.event.hlc);
    }
  }
  let count = 0;
  for (const id of ids) {
    const isDone = await store.transact(async (tx) => {
      const [creator] = await tx.get('Creator', [id]);
      if (!creator || creator.props.state === 'MIGRATED') return false;
      const actor = { id, source: 'CREATOR' } as const;
      const context = {
        tx,
        actor,
        masterKey,
        region,
        hlc: (stored?: HlcTimestamp) => clock.nowAfter(stored),
        nowIso: hlcToIso(clock.now()),
        newId: () => uuidv7(),
      };
      const result = await eraseCreator(context, {
        expectedVersion: creator.version,
        confirmUsername: creator.props.username,
      });
      if (!result.ok)
        throw new BackupError(
          `creator ${id} cannot be erased again: ${result.errors.map(({ message }) => message).join('; ')}`,
        );
      return true;
    });
    count += Number(isDone);
  }
  await store.purge();
  return count;
}

async function closeAll({ store, eventLog }: SqliteEngines): Promise<void> {
  await eventLog.close();
  await store.close();
}
