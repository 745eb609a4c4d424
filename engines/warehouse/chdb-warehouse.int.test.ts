import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openChdbWarehouse } from './chdb-warehouse.ts';
import { warehouseConformance } from './conformance.ts';
import { migrationsFolder } from './migration-files.ts';
import { WarehouseDamagedError } from './port.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-chdb-'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

warehouseConformance('chDB', () => openChdbWarehouse({ path: join(root, 'conformance') }));

/** Runs a module text in a process of its own, in this folder. */
function child(source: string): ChildProcessByStdio<Writable, Readable, null> {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  return spawn(process.execPath, ['--input-type=module', '--eval', source], { cwd, stdio: ['pipe', 'pipe', 'ignore'] });
}

describe('a chDB directory', () => {
  test('goal: a directory that another process holds is refused with that process’s id, and opens once it is gone', async () => {
    const path = join(root, 'held');
    const holder = child(`
      const { openChdbWarehouse } = await import('./chdb-warehouse.ts');
      const warehouse = await openChdbWarehouse({ path: ${JSON.stringify(path)} });
      await warehouse.migrate();
      console.log('open');
      process.stdin.resume();
    `);
    await once(holder.stdout, 'data');
    await expect(openChdbWarehouse({ path })).rejects.toMatchObject({
      name: 'WarehouseUnavailableError',
      message: `the warehouse directory ${path} is in use by process ${holder.pid}: stop that process, or use another data directory`,
    });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const warehouse = await openChdbWarehouse({ path });
    await warehouse.migrate();
    await warehouse.close();
  });

  test('goal: rows that are lost while it is open are told by the query that misses them, and to whoever opened it', async () => {
    const path = join(root, 'damaged-while-open');
    const { promise: damage, resolve } = Promise.withResolvers<Error>();
    const warehouse = await openChdbWarehouse({ path, onDamaged: resolve });
    try {
      await warehouse.migrate();
      await expect(warehouse.identity()).resolves.toMatch(/^[0-9a-f-]{36}$/);
      const status = { event_id: 'e', seq: 0, status: 'CANONICAL', reason: 'r', decider: 'd' } as const;
      const row = { ...status, contradiction: null, moved_at: '2024-01-01 00:00:00.000' };
      await warehouse.insert('platform.canon_status', [row], 'events:0:0-0:aa');
      const [part] = await warehouse.query<{ path: string }>(
        "SELECT path FROM system.parts WHERE active AND database = 'platform' AND table = 'canon_status'",
      );
      await writeFile(join(part?.path ?? '', 'data.bin'), '');
      await expect(warehouse.query('SELECT * FROM platform.canon_status')).rejects.toMatchObject({
        name: 'WarehouseUnavailableError',
        message: expect.stringMatching(/^the warehouse has damaged data \([A-Z_]+\): `npm run rebuild` fills it anew/),
      });
      await expect(damage).resolves.toMatchObject({
        message: expect.stringMatching(
          /damaged-while-open has damaged data in platform\.canon_status: run `npm run rebuild`/,
        ),
      });
    } finally {
      await warehouse.close();
    }
  });

  test('goal: a statement that never ends is told of, everybody’s wait ends, and closing does not wait for it', async () => {
    const [path, pipe] = [join(root, 'stuck'), join(root, 'pipe')];
    // Whoever reads a pipe that nobody writes waits for ever. In a process of its own: nothing gives the thread back.
    execFileSync('mkfifo', [pipe]);
    const stuck = child(`
      const { openChdbWarehouse } = await import('./chdb-warehouse.ts');
      const onStuck = ({ message }) => console.log('told: ' + message);
      const warehouse = await openChdbWarehouse({ path: ${JSON.stringify(path)}, stuckMs: 4_000, onStuck });
      await warehouse.migrate();
      const tell = ({ name }) => console.log(name);
      const pending = warehouse.query("SELECT * FROM file('${pipe}', 'LineAsString', 'line String')").catch(tell);
      console.log((await warehouse.query('SELECT 1 AS one'))[0].one);
      await pending;
      await warehouse.query('SELECT 1 AS one').catch(tell);
      await warehouse.close();
      console.log('closed');
      process.kill(process.pid, 'SIGKILL');
    `);
    let said = '';
    stuck.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(stuck, 'close');
    expect(said.trim().split('\n')).toEqual([
      '1',
      'told: the embedded warehouse has not ended a statement in 4 s and never will: only a new process has it work again',
      'WarehouseUnavailableError',
      'WarehouseUnavailableError',
      'closed',
    ]);
  });

  test('goal: damaged descriptions and damaged rows are refused with what to do; nothing is read from them', async () => {
    const path = join(root, 'damaged');
    const warehouse = await openChdbWarehouse({ path });
    await warehouse.migrate();
    await warehouse.close();
    const advice = new RegExp(`${path}.*run \`npm run rebuild\``);
    const files = await readdir(join(path, 'store'), { recursive: true });
    for (const data of files.filter((file) => file.endsWith('.bin')))
      await writeFile(join(path, 'store', data), 'noise');
    await expect(openChdbWarehouse({ path })).rejects.toMatchObject({
      name: 'WarehouseUnavailableError',
      message: expect.stringMatching(advice),
    });
    await writeFile(join(path, 'metadata', 'platform.sql'), 'noise');
    await expect(openChdbWarehouse({ path })).rejects.toMatchObject({
      name: 'WarehouseUnavailableError',
      message: expect.stringMatching(advice),
    });
  });

  test('goal: a file where the directory should be is named', async () => {
    const path = join(root, 'file');
    await writeFile(path, '');
    await expect(openChdbWarehouse({ path })).rejects.toThrow(`the warehouse directory ${path} cannot be made`);
  });

  test('goal: a migration that broke off is told and done; one that was edited, or that only a newer build has, is refused by name', async () => {
    const path = join(root, 'migrations');
    const folder = join(root, 'folder');
    const second = join(folder, '0002-second.sql');
    await mkdir(folder);
    const [first = ''] = await readdir(migrationsFolder);
    await copyFile(join(migrationsFolder, first), join(folder, first));
    const migrate = async (): Promise<readonly string[]> => {
      const warehouse = await openChdbWarehouse({ path, migrationsFolder: folder });
      return warehouse.migrate().finally(() => warehouse.close());
    };
    expect(await migrate()).toEqual([]);
    const more = '-- more\nCREATE TABLE IF NOT EXISTS platform.more (a String) ENGINE = MergeTree ORDER BY a\n;\n';
    await writeFile(second, `${more}SELECT what_breaks_off\n;\n`);
    await expect(migrate()).rejects.toThrow('what_breaks_off');
    await writeFile(second, more);
    expect(await migrate()).toEqual([
      expect.stringMatching(/^migration 0002-second\.sql is not on record as applied, but platform\.more is there/),
    ]);
    expect(await migrate()).toEqual([]);
    await writeFile(second, 'SELECT 1');
    await expect(migrate()).rejects.toMatchObject({
      name: 'MigrationError',
      message: expect.stringContaining('0002-second.sql was changed after it had been applied'),
    });
    await rm(second);
    await expect(migrate()).rejects.toMatchObject({
      name: 'MigrationError',
      message: expect.stringContaining('0002-second.sql, which this build does not know'),
    });
  });

  test.each(['platform.canon_status', 'platform.reputation_score_history_view'])(
    'goal: what was dropped though its migration is on record is named, with what brings it back: %s',
    async (name) => {
      const path = join(root, `dropped-${name}`);
      const first = await openChdbWarehouse({ path });
      expect(await first.migrate()).toEqual([]);
      await first.query(`DROP TABLE ${name} SYNC`);
      await first.close();
      const again = await openChdbWarehouse({ path });
      const migrating = again.migrate();
      await expect(migrating).rejects.toBeInstanceOf(WarehouseDamagedError);
      await expect(migrating).rejects.toThrow(new RegExp(`lacks ${name}, .*npm run rebuild`));
      await again.close();
    },
  );
});
