import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOrCreateKey } from '../runtime/key-file.ts';

const root = join(import.meta.dirname, '..');

/** A running `node main.ts …`. */
export interface PlatformProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything it said on standard error so far. */
  said: () => string;
  /** Resolves when it has said this; rejects when it ends before. */
  until: (text: string | RegExp) => Promise<void>;
  /** Asks it to end and resolves with its exit code. */
  stop: (signal?: NodeJS.Signals) => Promise<number | null>;
}

export function makeDataDir(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'vcos-test-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Gives a set-up the keys of another, but for those that it has, and for what tells that one was destroyed. */
export function copyKeys(from: string, to: string): void {
  const isKey = (path: string): boolean => !path.endsWith('.destroyed');
  cpSync(join(from, 'keys'), join(to, 'keys'), { recursive: true, force: false, filter: isKey });
}

/**
 * Makes the keys of these months' private draws beforehand, for two set-ups whose noise is to be the same: once a month is over its key is destroyed, so that it cannot be copied after the
 * load.
 */
export function makeEpochKeys(dataDirs: readonly [string, string], months: readonly string[]): void {
  for (const month of months) loadOrCreateKey(dataDirs[0], `privacy-epoch-${month}`);
  copyKeys(...dataDirs);
}

/** Starts a script of the repository with this node, on a free port. */
export function run(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): {
  child: ChildProcess;
  said: () => string;
  until: (text: string | RegExp) => Promise<void>;
  ended: Promise<number | null>;
} {
  const child = spawn(process.execPath, [join(root, script), ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const listeners = new Set<() => void>();
  const add = (chunk: Buffer): void => {
    text += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', add);
  child.stderr.on('data', add);
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const until = (wanted: string | RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const isThere = typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
        if (!isThere) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
      void ended.then(() => reject(new Error(`ended before it said ${String(wanted)}; it said:\n${text}`)));
    });
  return { child, said: () => text, until, ended };
}

/** Starts the platform and waits until it is ready. */
export async function startPlatformProcess(
  dataDir: string,
  options: { args?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<PlatformProcess> {
  const { child, said, until, ended } = run('main.ts', options.args ?? [], { DATA_DIR: dataDir, ...options.env });
  await until(/ready at \S+/);
  const url = /ready at (\S+)/.exec(said())?.[1] ?? '';
  return {
    url,
    child,
    said,
    until,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly unknown[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

/** Sends one operation as any client would. */
export async function ask(
  url: string,
  query: string,
  options: { variables?: Record<string, unknown>; token?: string } = {},
): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    },
    body: JSON.stringify({ query, variables: options.variables ?? {} }),
  });
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
}

/** A token of the built-in issuer, as `npm run token` prints it. */
export async function tokenFor(dataDir: string, creator: string, ...more: readonly string[]): Promise<string> {
  const { said, ended } = run('main.ts', ['token', '--creator', creator, ...more], { DATA_DIR: dataDir });
  if ((await ended) !== 0) throw new Error(said());
  return said().trim().split('\n').at(-1) ?? '';
}

/** Asks until the answer satisfies, for what arrives within moments. */
export async function eventually<T>(
  ask: () => Promise<T>,
  satisfied: (answer: T) => boolean,
  withinMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (satisfied(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`not within ${withinMs} ms; the last answer was ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
