import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A process that serves, and tells over its channel where and what it used. */
export interface Contender {
  readonly url: string;
  /** Milliseconds of processor time since it began, all of its threads together. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a module in a process of its own, and waits for the first thing that it tells. */
export async function startModule<T>(
  file: string,
  args: readonly string[],
  execArgv: readonly string[] = [],
): Promise<{ readonly child: ChildProcess; readonly told: T }> {
  const child = fork(file, args, {
    execArgv: [...execArgv],
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} ended with ${String(code)} before it served`);
  });
  ended.catch(() => {});
  const [told] = (await Promise.race([once(child, 'message'), ended])) as [T];
  return { child, told };
}

/** Milliseconds of processor time that a module's process used since it began. */
export async function cpuMsOf(child: ChildProcess): Promise<number> {
  const answered = once(child, 'message') as Promise<[{ cpu: NodeJS.CpuUsage }]>;
  child.send('cpu');
  const [{ cpu }] = await answered;
  return (cpu.user + cpu.system) / 1_000;
}

/** Starts a gateway over a supergraph. */
export async function startContender(
  file: string,
  supergraph: string,
  execArgv: readonly string[] = [],
): Promise<Contender> {
  const { child, told } = await startModule<{ url: string }>(file, [supergraph], execArgv);
  return {
    url: told.url,
    cpuMs: () => cpuMsOf(child),
    async stop() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
