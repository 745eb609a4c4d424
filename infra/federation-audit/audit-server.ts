import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../jvm/jvm-process.ts';
import type { Expectation } from './judge.ts';

export interface AuditCase {
  readonly query: string;
  readonly expected: Expectation;
}

/** The server of a checkout of the audit: its subgraphs, what they compose to, and the cases. */
export interface AuditServer {
  /** Of all suites, in order. */
  readonly suites: readonly string[];
  supergraphUrl(suite: string): string;
  cases(suite: string): Promise<readonly AuditCase[]>;
  stop(): void;
}

export class AuditError extends Error {
  override readonly name = 'AuditError';
}

const startMsMax = 120_000;

/** Starts the audit that lies in a folder, on a free port. Throws `AuditError` where none does, or it does not start. */
export async function startAudit(directory: string): Promise<AuditServer> {
  if (!existsSync(join(directory, 'src', 'test-suites')))
    throw new AuditError(`--audit ${directory}: no checkout of the federation gateway audit (it has src/test-suites)`);
  if (!existsSync(join(directory, 'node_modules')))
    throw new AuditError(`--audit ${directory}: its packages are missing, run npm install there`);
  const port = await freePort();
  // Detached, so that what npm starts ends with it.
  const child = spawn('npm', ['start', '--silent', '--', 'serve', '--port', String(port)], {
    cwd: directory,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
  const url = `http://localhost:${port}`;
  const stop = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  const read = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${url}/${path}`, { headers: { accept: 'application/json' } });
    if (!response.ok) throw new AuditError(`the audit answered ${response.status} for /${path}`);
    return (await response.json()) as T;
  };
  const deadline = Date.now() + startMsMax;
  for (;;) {
    const suites = await read<string[]>('ids').catch(() => null);
    if (suites)
      return {
        suites,
        supergraphUrl: (suite) => `${url}/${suite}/supergraph`,
        cases: (suite) => read(`${suite}/tests`),
        stop,
      };
    if (child.exitCode !== null || Date.now() > deadline) {
      stop();
      throw new AuditError(`the audit in ${directory} did not start; it said:\n${said}`);
    }
    await sleep(100);
  }
}
