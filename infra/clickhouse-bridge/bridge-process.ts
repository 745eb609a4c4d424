import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import type { faultSchema } from './faults.ts';

/** The bridge in a process of its own. */
export interface BridgeProcess {
  readonly pid: number;
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Plans what goes wrong with the next statements. */
  fault(fault: z.input<typeof faultSchema>): Promise<void>;
  /** Forgets faults that nobody met. */
  clearFaults(): Promise<void>;
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const user = 'vcos';
const password = 'test-password';

/** Starts the bridge over a chDB directory. Rejects where it ends before it listens. */
export async function startBridge(directory: string, port = 0): Promise<BridgeProcess> {
  const args = [join(import.meta.dirname, 'main.ts'), directory, String(port), user, password];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = `http://127.0.0.1:${await listeningPort(child)}`;
  const faults = async (method: 'POST' | 'DELETE', body: string | null): Promise<void> => {
    const { ok, statusText } = await fetch(`${url}/faults`, { method, body });
    if (!ok) throw new Error(`the bridge takes no such fault: ${statusText}`);
  };
  return {
    pid: child.pid ?? 0,
    url,
    user,
    password,
    fault: (fault) => faults('POST', JSON.stringify(fault)),
    clearFaults: () => faults('DELETE', null),
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}

async function listeningPort(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the bridge has no output');
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).once('line', resolve);
  child.once('exit', (code) => reject(new Error(`the ClickHouse bridge ended with ${code} before it listened`)));
  child.once('error', reject);
  return promise;
}
