import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const healthPollMs = 200;
const stopMsMax = 20_000;

export interface JvmCommand {
  readonly classpath: string;
  /** Options of the JVM: heap, system properties. */
  readonly options: readonly string[];
  readonly mainClass: string;
  readonly args: readonly string[];
}

function argsOf({ classpath, options, mainClass, args }: JvmCommand): string[] {
  return [...options, '-cp', classpath, mainClass, ...args];
}

/** Runs a JVM to its end. Throws with its output where that is not a success. */
export function runJvm(command: JvmCommand): void {
  const { status, stdout, stderr, error } = spawnSync('java', argsOf(command), { encoding: 'utf8' });
  if (error) throw new Error(`Java cannot be run (${error.message}): install Java 17 or later`);
  if (status !== 0) throw new Error(`${command.mainClass} ended with ${status}:\n${stdout}${stderr}`.slice(0, 4_000));
}

/** Starts a JVM that outlives this process, its output appended to a file. Throws where there is no Java. */
export function startJvm(command: JvmCommand, logFile: string): number {
  const log = openSync(logFile, 'a');
  try {
    const child = spawn('java', argsOf(command), { detached: true, stdio: ['ignore', log, log] });
    child.once('error', () => undefined);
    if (child.pid === undefined) throw new Error('Java cannot be run: install Java 17 or later');
    child.unref();
    return child.pid;
  } finally {
    closeSync(log);
  }
}

/** Asks a server to end when this process exits. What is returned calls that off. */
export function endsWithThisProcess(pid: number): () => void {
  const onExit = (): void => {
    if (isRunning(pid)) process.kill(pid, 'SIGTERM');
  };
  process.once('exit', onExit);
  return () => void process.off('exit', onExit);
}

/** Whether a process runs (one that only waits to be reaped does not). */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    // No /proc on this system.
    return true;
  }
}

/** The command line of a process; empty where it cannot be told. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // No /proc on this system.
    return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
  }
}

/** Asks a process to end, and makes it end where it does not within 20 s. */
export async function stopProcess(pid: number): Promise<void> {
  if (!isRunning(pid)) return;
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + stopMsMax;
  while (isRunning(pid) && Date.now() < deadline) await sleep(healthPollMs);
  if (isRunning(pid)) process.kill(pid, 'SIGKILL');
}

export interface Health {
  readonly pid: number;
  readonly logFile: string;
  readonly timeoutMs: number;
  /** Resolves where the server answers, rejects where it does not yet. */
  readonly check: () => Promise<unknown>;
}

/** Waits until a server answers. Where it ends or takes too long, it is stopped and its last words are thrown; where this process ends meanwhile, so does the server. */
export async function waitUntilHealthy(health: Health): Promise<void> {
  const release = endsWithThisProcess(health.pid);
  try {
    await untilHealthy(health);
  } finally {
    release();
  }
}

async function untilHealthy({ pid, logFile, timeoutMs, check }: Health): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const failure = await check().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (failure === null) return;
    const ended = !isRunning(pid);
    if (ended || Date.now() > deadline) {
      await stopProcess(pid);
      const lastWords = readFileSync(logFile, 'utf8').split('\n').slice(-15).join('\n');
      throw new Error(
        `the server ${ended ? 'ended' : `did not answer in ${timeoutMs} ms (${failure})`}; it said:\n${lastWords}`,
      );
    }
    await sleep(healthPollMs);
  }
}

/** A TCP port that nobody listens at now. */
export async function freePort(): Promise<number> {
  return listenAt(0);
}

/** Whether nobody listens at a TCP port now. */
export async function isFree(port: number): Promise<boolean> {
  return listenAt(port).then(
    () => true,
    () => false,
  );
}

/** Listens at a port for a moment; 0 takes any. */
async function listenAt(wanted: number): Promise<number> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once('error', reject);
  server.listen(wanted, '127.0.0.1', () => {
    const address = server.address();
    resolve(typeof address === 'object' && address !== null ? address.port : 0);
  });
  const port = await promise;
  await new Promise((closed) => server.close(closed));
  return port;
}
