import { spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BackupError } from '../engines/sqlite/backup.ts';
import { importSource } from '../importer/read-import.ts';
import { runImport } from '../importer/run-import.ts';
import { convertStackExchange } from '../importer/stackexchange.ts';
import { tableContents } from '../infra/table-contents.ts';
import { type Config, readConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { hlcToIso } from '../schema/hlc.ts';
import { openCheckpoint } from '../schema/merkle/checkpoint.ts';
import { type NoteVerifier, parseVerifierKey } from '../schema/merkle/signed-note.ts';
import { treeNodeId } from '../schema/merkle/stored-tree.ts';
import { eraseCreator } from '../subgraphs/creators/commands/erase-creator.ts';
import { backup, restore } from './backup.ts';
import { canonPublicKeyFile } from './canon-key.ts';
import type { CommandLine } from './command-line.ts';
import { openEngines } from './engines.ts';
import { type Platform, startPlatform } from './platform.ts';

// Goal: a copy that was taken while the platform worked gives all of it back, but for the keys of those who were erased since; a copy that is not whole, or
// not of these keys, is refused before anything is touched.
const logger = createLogger('silent');
const root = mkdtempSync(join(tmpdir(), 'vcos-test-backup-'));
const copy = join(root, 'copy');
const configOf = (name: string): Config => readConfig({ DATA_DIR: join(root, name), PORT: '0', LOG_LEVEL: 'silent' });
const original = configOf('original');
let before: Readonly<Record<string, readonly unknown[]>>;
let headBefore: string;
let keyBefore: NoteVerifier;
let leaver: { readonly id: string; readonly username: string };

const line = (config: Config, ...args: string[]): CommandLine => ({
  config,
  logger,
  args,
  until: new Promise(() => undefined),
  signal: new AbortController().signal,
});

async function erase(platform: Platform, id: string): Promise<void> {
  const { store, clock, masterKey, region } = platform.dependencies;
  await store.transact(async (tx) => {
    const [creator] = await tx.get('Creator', [id]);
    if (!creator) throw new Error('there is no such creator');
    let ids = 0;
    const newId = (): string => `018f0000-0000-7000-8000-00000000000${(ids += 1)}`;
    const actor = { id, source: 'CREATOR' } as const;
    const context = { tx, actor, masterKey, region, hlc: () => clock.now(), nowIso: hlcToIso(clock.now()), newId };
    const answer = await eraseCreator(context, {
      expectedVersion: creator.version,
      confirmUsername: creator.props.username,
    });
    expect(answer).toMatchObject({ ok: true });
  });
}

beforeAll(async () => {
  const platform = await startPlatform(original, logger);
  const { header, lines } = convertStackExchange(join(import.meta.dirname, '..', 'demo'), 'test.example');
  await runImport({ ...platform.engines, ...platform.dependencies }, importSource(header, lines.slice(0, 120)));
  await platform.drained();
  before = await tableContents(platform.engines.warehouse);
  await backup(line(original, copy));
  const [first] = (
    await platform.engines.store.find({ type: 'Creator', limit: 1, orderBy: 'registeredAt', order: 'asc' })
  ).items;
  if (!first) throw new Error('nobody was imported');
  leaver = { id: first.id, username: first.props.username };
  await erase(platform, leaver.id);
  await platform.drained();
  const [tree] = await platform.engines.store.get('CanonTree', [treeNodeId(0)]);
  headBefore = tree?.props.checkpoint ?? '';
  keyBefore = parseVerifierKey(readFileSync(canonPublicKeyFile(original.dataDir), 'utf8'));
  await platform.stop();
}, 240_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** An empty data directory with the keys of the original. */
function prepared(name: string): Config {
  const config = configOf(name);
  mkdirSync(config.dataDir, { recursive: true });
  cpSync(join(original.dataDir, 'keys'), join(config.dataDir, 'keys'), { recursive: true });
  return config;
}

test('everything comes back, but nobody who was erased since', async () => {
  const config = prepared('restored');
  await restore(line(config, copy, '--erased', original.dataDir));
  const platform = await startPlatform(config, logger);
  try {
    await platform.drained();
    const { store, warehouse } = platform.engines;
    const after = await tableContents(warehouse);
    for (const table of [
      'analytics.releases',
      'analytics.ledger',
      'platform.reputation_evidence',
      'platform.reputation_scores',
    ])
      expect([table, after[table]]).toEqual([table, before[table]]);
    expect(after['platform.canon_events']).toEqual(
      expect.arrayContaining([...(before['platform.canon_events'] ?? [])]),
    );
    const erasures = await warehouse.query(
      "SELECT entity_id FROM platform.canon_events FINAL WHERE type = 'creator.erased'",
    );
    expect(erasures).toEqual([{ entity_id: leaver.id }]);
    const [creator] = await store.get('Creator', [leaver.id]);
    expect(creator?.props.username).toMatch(/^erased-/);
    expect(await store.findUnique('SubjectKey', 'subject', [leaver.id])).toEqual([null]);
    expect(await store.count('SubjectKey')).toBeGreaterThan(0);
    // Both went on from the same events: heads of one size and two roots must not be of one log.
    const [tree] = await store.get('CanonTree', [treeNodeId(0)]);
    const key = parseVerifierKey(readFileSync(canonPublicKeyFile(config.dataDir), 'utf8'));
    const head = openCheckpoint(tree?.props.checkpoint ?? '', key);
    const other = openCheckpoint(headBefore, keyBefore);
    expect([head.size, head.root]).not.toEqual([other.size, other.root]);
    expect(head.size).toBe(other.size);
    expect(head.origin).not.toBe(other.origin);
    const former = readdirSync(join(config.dataDir, 'keys')).find((name) => name.startsWith('canon-until-'));
    expect(parseVerifierKey(readFileSync(join(config.dataDir, 'keys', former ?? ''), 'utf8')).keyId).toEqual(
      keyBefore.keyId,
    );
  } finally {
    await platform.stop();
  }
}, 240_000);

test('goal: at no instant of a restore does a data file lie there that must not be started on', async () => {
  const config = prepared('killed');
  const args = [join(import.meta.dirname, '..', 'main.ts'), 'restore', copy, '--erased', original.dataDir];
  const env = { PATH: process.env['PATH'] ?? '', DATA_DIR: config.dataDir };
  const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  while (!existsSync(join(config.dataDir, 'vcos.sqlite')) && child.exitCode === null) await sleep(1);
  child.kill('SIGKILL');
  await ended;
  expect(readdirSync(config.dataDir)).toContain('vcos.sqlite');
  expect(statSync(join(config.dataDir, 'vcos.sqlite')).mode & 0o077).toBe(0);
  const engines = await openEngines(config, { logger });
  try {
    const [creator] = await engines.store.get('Creator', [leaver.id]);
    expect(creator?.props.username).toMatch(/^erased-/);
    const [tree] = await engines.store.get('CanonTree', [treeNodeId(0)]);
    const key = parseVerifierKey(readFileSync(canonPublicKeyFile(config.dataDir), 'utf8'));
    expect(key.name).not.toBe(keyBefore.name);
    expect(openCheckpoint(tree?.props.checkpoint ?? '', key).origin).toBe(`${key.name}/0`);
  } finally {
    await engines.close();
  }
}, 120_000);

test('what a restore leaves that was broken off is not started beside, and the next one takes it away', async () => {
  const config = prepared('broken off');
  const draft = join(config.dataDir, 'restoring');
  cpSync(copy, draft, { recursive: true });
  await expect(openEngines(config, { logger })).rejects.toThrow(
    /restore into .* was broken off: run it again, or remove/,
  );
  expect(existsSync(join(config.dataDir, 'vcos.sqlite'))).toBe(false);
  await restore(line(config, copy));
  expect(readdirSync(config.dataDir).sort()).toEqual(['keys', 'lock.sqlite', 'vcos.sqlite']);
  // Killed when the data was in its place, and this not yet away.
  mkdirSync(draft);
  await (await openEngines(config, { logger })).close();
  expect(existsSync(draft)).toBe(false);
}, 60_000);

describe('what cannot be taken back is refused, and nothing is touched', () => {
  const spoilt = (name: string, spoil: (directory: string) => void): string => {
    const directory = join(root, name);
    cpSync(copy, directory, { recursive: true });
    spoil(directory);
    return directory;
  };
  const flip = (directory: string): void => {
    const file = join(directory, 'vcos.sqlite');
    const bytes = readFileSync(file);
    bytes[bytes.length - 2_000] = (bytes[bytes.length - 2_000] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  };

  test.each<[string, (directory: string) => void, RegExp]>([
    ['a flipped bit', flip, /SHA-256 differs/],
    ['a file that is longer', (directory) => appendFileSync(join(directory, 'vcos.sqlite'), 'x'), /bytes, not the \d+/],
    [
      'a file that is missing',
      (directory) => rmSync(join(directory, 'vcos.sqlite')),
      /is missing: the backup is not whole/,
    ],
    ['a description that is missing', (directory) => rmSync(join(directory, 'backup.json')), /is no backup/],
    ['a description that is damaged', (directory) => writeFileSync(join(directory, 'backup.json'), '{'), /not JSON/],
    [
      'a description of another kind',
      (directory) => writeFileSync(join(directory, 'backup.json'), '{"backup":2}'),
      /does not describe/,
    ],
  ])('%s', async (name, spoil, message) => {
    const config = prepared(`target of ${name}`);
    await expect(restore(line(config, spoilt(name, spoil)))).rejects.toThrow(message);
    expect(() => readFileSync(join(config.dataDir, 'vcos.sqlite'))).toThrow();
  });

  test('other keys, no keys, and data that is there already', async () => {
    const strangers = prepared('strangers');
    writeFileSync(join(strangers.dataDir, 'keys', 'master.key'), `${'ab'.repeat(32)}\n`);
    await expect(restore(line(strangers, copy))).rejects.toThrow(/master key .* is not the one/);
    await expect(restore(line(configOf('keyless'), copy))).rejects.toThrow(/put the keys there first/);
    await expect(restore(line(original, copy))).rejects.toThrow(/holds data already.*--erased/);
    const halfMoved = prepared('half moved');
    writeFileSync(join(halfMoved.dataDir, 'vcos.sqlite-wal'), 'what was committed last');
    await expect(restore(line(halfMoved, copy))).rejects.toThrow(
      /vcos\.sqlite-wal belongs to .* moved away without it/,
    );
    await expect(backup(line(original, copy))).rejects.toThrow(/exists already/);
    await expect(backup(line(configOf('empty'), join(root, 'another')))).rejects.toThrow(/there is no data/);
  });

  test('a damaged data file, and a place where nothing can be written: nothing half-made stays', async () => {
    const damaged = prepared('damaged');
    writeFileSync(join(damaged.dataDir, 'vcos.sqlite'), 'no database');
    const target = join(root, 'of the damaged');
    const refused = backup(line(damaged, target));
    await expect(refused).rejects.toThrow(BackupError);
    await expect(refused).rejects.toThrow(/^no backup was made of .*vcos\.sqlite in .*: file is not a database/);
    await expect(backup(line(original, join(copy, 'backup.json', 'below')))).rejects.toThrow(
      /no backup was made.*ENOTDIR/,
    );
    expect(existsSync(`${target}.incomplete`)).toBe(false);
  });
});
