import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

// What stands in the way of servers is told before one is started; no Java is needed for that.
// Each starts a process or two, which takes its time on a busy machine.
jest.setTimeout(120_000);

const root = mkdtempSync(join(tmpdir(), 'vcos-test-engines-'));
const kafka = join(root, 'engines', 'kafka');
let stranger: ChildProcess;

async function engines(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'engines.ts'), ...args], {
    env: { PATH: process.env['PATH'] ?? '', DATA_DIR: root, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

beforeAll(() => {
  mkdirSync(kafka, { recursive: true });
  stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
});
afterAll(() => {
  stranger.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

describe('npm run engines:down', () => {
  test('goal: ends nobody else, to whom a process id went after the machine was started anew', async () => {
    const state = { pid: stranger.pid, environment: { EVENT_LOG_BROKERS: '127.0.0.1:9092' } };
    writeFileSync(join(kafka, 'running.json'), JSON.stringify(state));
    expect(await engines(['down', 'kafka'])).toEqual({ code: 0, said: 'kafka: did not run\n' });
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
  });

  test('a note that was not written to its end is none', async () => {
    writeFileSync(join(kafka, 'running.json'), '{"pid":');
    expect(await engines(['down', 'kafka'])).toEqual({ code: 0, said: 'kafka: did not run\n' });
  });
});

describe('npm run engines:up', () => {
  test('goal: who listens at the port already is not taken for the server', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, said } = await engines(['up', 'kafka'], { KAFKA_PORT: String(port) });
    other.close();
    expect({ code, said }).toEqual({
      code: 1,
      said: `port ${port} is in use by another program: stop it, or set KAFKA_PORT to another port\n`,
    });
  });

  test('a port that is none', async () => {
    for (const port of ['abc', '65536'])
      expect(await engines(['up', 'kafka'], { KAFKA_PORT: port })).toEqual({
        code: 2,
        said: `environment variable KAFKA_PORT: must be a port from 0 to 65535, not "${port}"\n`,
      });
  });
});
