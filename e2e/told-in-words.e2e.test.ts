import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { noteSigner } from '../schema/merkle/signed-note.ts';
import { makeDataDir, run } from './platform-process.ts';

// Goal: whoever starts it wrongly is told what is wrong and what to do, never where in the code it was noticed.
test('streams that run alone run until they are told to end', async () => {
  const data = makeDataDir();
  const stream = run('main.ts', ['stream', 'canon'], { DATA_DIR: data.path });
  await stream.until('stream canon runs');
  // Without anything that holds it, the process would end by itself in this turn of its loop.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(stream.child.exitCode).toBeNull();
  stream.child.kill('SIGTERM');
  expect(await stream.ended).toBe(0);
  data.remove();
});

test('whoever ends a start that waits for a server which says nothing does not wait for minutes', async () => {
  const data = makeDataDir();
  const sockets = new Set<Socket>();
  const mute = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((listening) => mute.listen(0, '127.0.0.1', listening));
  const address = `127.0.0.1:${(mute.address() as AddressInfo).port}`;
  const started = run('main.ts', [], { DATA_DIR: data.path, GRAPH_STORE_URL: `bolt://neo4j:x@${address}` });
  await started.until(`Neo4j at ${address} (GRAPH_STORE_URL) has not answered yet`);
  started.child.kill('SIGTERM');
  expect(await started.ended).toBe(1);
  expect(started.said()).toMatch(/^interrupted: what was there stays as it was$/m);
  mute.close();
  for (const socket of sockets) socket.destroy();
  data.remove();
});

test('--help tells every option', async () => {
  const help = run('main.ts', ['--help'], {});
  expect(await help.ended).toBe(0);
  for (const option of [
    'ttl',
    'scopes',
    'partition',
    'for',
    'key',
    'proof',
    'event',
    'certificate',
    'consistency',
    'checkpoint',
    'erased',
  ])
    expect(help.said()).toContain(`--${option} `);
});

test('whoever reads no further is told nothing', async () => {
  const help = run('main.ts', ['--help'], {});
  help.child.stdout?.destroy();
  expect(await help.ended).toBe(0);
  expect(help.said()).toBe('');
});

describe('a DATA_DIR in which no platform has worked', () => {
  const above = makeDataDir();
  const mistyped = join(above.path, 'dta');
  afterAll(() => above.remove());

  test.each<[string, string[]]>([
    ['deadletters', []],
    ['deadletters', ['--show', '0:1']],
    ['rebuild', []],
    ['revoke', ['--creator', 'ann', '--gateway', 'http://localhost:2']],
    ['export-canon', ['/dev/null']],
    ['export-graph', ['/dev/null']],
    ['export-releases', ['/dev/null']],
    ['compare-reputation', []],
    ['backup', [join(above.path, 'copy')]],
  ])('%s %p says so, and makes none', async (command, args) => {
    const started = run('main.ts', [command, ...args], { DATA_DIR: mistyped });
    expect(await started.ended).toBe(1);
    expect(started.said()).toMatch(new RegExp(`^there (is no data|are no keys) in ${mistyped}: set DATA_DIR`));
    expect(readdirSync(above.path)).toEqual([]);
  });

  test('a token of keys that are made for it says so', async () => {
    const started = run('main.ts', ['token', '--creator', 'ann'], { DATA_DIR: mistyped });
    expect(await started.ended).toBe(0);
    expect(started.said()).toContain(`there were no keys in ${mistyped}, new ones are made`);
  });
});

test('the first interruption ends what only reads', async () => {
  const data = makeDataDir();
  const { verifierKey } = noteSigner('vcos.test/canon', Buffer.alloc(32, 1));
  const pipe = join(data.path, 'pipe');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  const started = run('main.ts', ['verify-canon', pipe, '--key', verifierKey], { DATA_DIR: data.path });
  // Opens when the other side reads.
  const writer = await open(pipe, 'w');
  started.child.kill('SIGINT');
  await started.ended;
  expect(started.child.signalCode).toBe('SIGINT');
  await writer.close();
  data.remove();
});

test('an interrupted import is not told as one that is loaded, and goes on', async () => {
  const data = makeDataDir();
  const file = join(data.path, 'long.jsonl');
  const line = (n: number): string =>
    `{"id":"${n}","at":"2020-01-01T00:00:00Z","do":"creator.register","creator":"${n}","username":"u-${n}"}`;
  const lines = Array.from({ length: 20_000 }, (_, n) => line(n));
  writeFileSync(file, ['{"format":1,"community":"long"}', ...lines].join('\n'));
  const started = run('main.ts', ['import', file], { DATA_DIR: data.path });
  await started.until('long: 0 %');
  started.child.kill('SIGINT');
  expect(await started.ended).toBe(1);
  expect(started.said()).toMatch(/long: interrupted after \d+ of 20000 lines; the same command goes on from there/);
  data.remove();
});

describe('a wrong start', () => {
  const data = makeDataDir();
  beforeAll(async () => {
    // Nothing can be exported of a directory in which there is nothing.
    const file = join(data.path, 'empty.jsonl');
    writeFileSync(file, '{"format":1,"community":"test.example"}\n');
    expect(await run('main.ts', ['import', file], { DATA_DIR: data.path }).ended).toBe(0);
  });
  afterAll(() => data.remove());

  test.each<[string, string[], Record<string, string>, RegExp]>([
    ['a subgraph that there is not', ['subgraph', 'nope'], {}, /no subgraph nope: it is one of .*creators/],
    [
      'a supergraph that there is not',
      ['gateway', '--supergraph', '/absent'],
      {},
      /--supergraph \/absent cannot be read/,
    ],
    ['a gateway without its subgraphs', ['gateway'], {}, /--subgraph analytics=http:\/\/… is missing/],
    ['an option that a subgraph does not have', ['subgraph', 'canon', '--port', '4001'], {}, /Unknown option '--port'/],
    ['two streams at once', ['stream', 'canon', 'privacy'], {}, /one NAME of a stream is needed: it is one of/],
    ['a folder to export releases to', ['export-releases', '/'], {}, /^\/ cannot be written: EISDIR/],
    ['a folder to export the graph to', ['export-graph', '/'], {}, /^\/ cannot be written: EISDIR/],
    ['an option for the name of an export', ['export-releases', '--all'], {}, /Unknown option '--all'/],
    [
      'a scope that opens nothing of canon',
      ['export-canon', '/absent', '--scopes', 'audit,guardain'],
      {},
      /^--scopes guardain opens nothing of canon: it is guardian or audit/,
    ],
    ['releases that are not there', ['verify-releases', '/absent'], {}, /^\/absent cannot be read: ENOENT/],
    ['releases that are no JSON', ['verify-releases', '/dev/null'], {}, /^\/dev\/null is not JSON/],
    ['an export that is not there', ['verify-canon', '/absent'], {}, /^\/absent cannot be read: ENOENT/],
    ['an export and a proof', ['verify-canon', 'a', '--proof', 'b'], {}, /^one thing at a time, not a and b/],
    ['a hash without its proof', ['verify-canon', '--event', 'ab'], {}, /^--event HASH is for --proof FILE/],
    [
      'a checkpoint that a proof would not be held against',
      ['verify-canon', '--proof', 'a', '--checkpoint', 'b'],
      {},
      /^--checkpoint FILE says nothing about a proof/,
    ],
    [
      'two checkpoints, of which the second would not be looked at',
      ['verify-canon', '--consistency', 'a', '--checkpoint', 'b', '--checkpoint', 'c'],
      {},
      /^--consistency FILE starts from one --checkpoint FILE, not from 2/,
    ],
    ['a key that is not there', ['verify-canon', '--key', '/absent'], {}, /--key \/absent: there is no such file/],
    [
      'a gateway to revoke at that cannot be asked',
      ['revoke', '--creator', 'ann', '--gateway', 'http://localhost:1'],
      {},
      /http:\/\/localhost:1 gives no answer: bad port/,
    ],
    ['a host of another machine', [], { HOST: '192.0.2.1' }, /cannot listen on HOST 192\.0\.2\.1, PORT 0/],
  ])('%s', async (_name, args, env, wanted) => {
    const started = run('main.ts', args, { DATA_DIR: data.path, ...env });
    expect(await started.ended).toBe(1);
    expect(started.said()).toMatch(wanted);
    expect(started.said()).not.toMatch(/^\s+at /m);
  });

  test('a key that is there and cannot be read', async () => {
    const other = makeDataDir();
    mkdirSync(join(other.path, 'keys'));
    symlinkSync('canon.pub', join(other.path, 'keys', 'canon.pub'));
    const started = run('main.ts', ['verify-canon'], { DATA_DIR: other.path });
    expect(await started.ended).toBe(1);
    expect(started.said()).toMatch(/canon\.pub cannot be read: ELOOP/);
    other.remove();
  });

  test('a subgraph on a port in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    const { port } = server.address() as AddressInfo;
    const started = run('main.ts', ['subgraph', 'canon'], { DATA_DIR: data.path, PORT: String(port) });
    expect(await started.ended).toBe(1);
    expect(started.said()).toContain(`port ${port} on localhost is in use`);
    server.close();
  });

  test('a demo of another version stays as it was, and the platform runs', async () => {
    const file = join(data.path, 'other.jsonl');
    writeFileSync(file, '{"format":1,"community":"quantumcomputing.stackexchange.com"}\n');
    expect(await run('main.ts', ['import', file], { DATA_DIR: data.path }).ended).toBe(0);
    const platform = run('main.ts', ['--demo'], { DATA_DIR: data.path });
    await platform.until('another version of V-COS loaded it');
    platform.child.kill('SIGTERM');
    expect(await platform.ended).toBe(0);
  });
});
