/** `npm run test:engines [-- ARGUMENTS OF JEST]`: the suites that need servers (`*.engines.test.ts`), on servers started for them and stopped after. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopProcess } from './jvm/jvm-process.ts';
import { MavenError } from './jvm/maven.ts';
import type { RunningServer } from './jvm/server.ts';
import { servers } from './jvm/servers.ts';

/** Exit code where there are no servers to test on, and therefore nothing was tested. */
const noServersCode = 3;
const available = (program: string, option: string): boolean => spawnSync(program, [option]).status === 0;

function runTests(environment: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'test.ts'), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, ...environment, VCOS_TEST_ENGINES: 'true' },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
  const { promise, resolve } = Promise.withResolvers<number>();
  child.once('exit', (code) => resolve(code ?? 1));
  return promise;
}

const root = mkdtempSync(join(tmpdir(), 'vcos-engines-'));
const running: RunningServer[] = [];
try {
  if (!available('java', '-version') || !available('mvn', '-version')) {
    throw new MavenError('Java 17 or later and Maven are needed: they bring Kafka and the other servers');
  }
  for (const server of servers) {
    const directory = join(root, server.name);
    mkdirSync(directory);
    console.error(`${server.name}: starting`);
    running.push(await server.start({ directory, port: 0, say: (text) => console.error(text) }));
  }
  process.exitCode = await runTests(
    Object.fromEntries(running.flatMap(({ environment }) => Object.entries(environment))),
  );
} catch (error) {
  console.error(`failed: ${(error as Error).message}`);
  process.exitCode = error instanceof MavenError ? noServersCode : 1;
} finally {
  for (const { pid } of running.toReversed()) await stopProcess(pid);
  rmSync(root, { recursive: true, force: true });
}
