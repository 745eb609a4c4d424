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
const oldestJava = 17;

/** What keeps this machine from having the servers; null where nothing does, as far as can be seen beforehand. */
function missing(): string | null {
  // Both tell their versions: Java on standard error.
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const major = Number(/version "(?:1\.)?(\d+)/.exec(java.stderr)?.[1] ?? 0);
  if (java.status !== 0) return `Java ${oldestJava} or later is not here`;
  if (major < oldestJava) return `the Java here is of version ${major}, and ${oldestJava} or later is needed`;
  return spawnSync('mvn', ['-version']).status === 0 ? null : 'Maven is not here';
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());

function runTests(environment: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'test.ts'), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, ...environment, VCOS_TEST_ENGINES: 'true' },
  });
  interruption.signal.addEventListener('abort', () => void child.kill());
  const { promise, resolve } = Promise.withResolvers<number>();
  child.once('exit', (code) => resolve(code ?? 1));
  return promise;
}

const root = mkdtempSync(join(tmpdir(), 'vcos-engines-'));
const running: RunningServer[] = [];
try {
  const lack = missing();
  if (lack !== null) throw new MavenError(`${lack}: Java and Maven bring Kafka and the other servers`);
  for (const server of servers) {
    interruption.signal.throwIfAborted();
    const directory = join(root, server.name);
    mkdirSync(directory);
    console.error(`${server.name}: starting`);
    running.push(await server.start({ directory, port: 0, say: (text) => console.error(text) }));
  }
  interruption.signal.throwIfAborted();
  process.exitCode = await runTests(
    Object.fromEntries(running.flatMap(({ environment }) => Object.entries(environment))),
  );
} catch (error) {
  const isLacking = error instanceof MavenError;
  console.error(`${isLacking ? 'no servers' : 'failed'}: ${(error as Error).message}`);
  process.exitCode = isLacking ? noServersCode : 1;
} finally {
  for (const { pid } of running.toReversed()) await stopProcess(pid);
  rmSync(root, { recursive: true, force: true });
}
