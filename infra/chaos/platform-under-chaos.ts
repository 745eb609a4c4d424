import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Order, Report } from './victim.ts';

export interface VictimOptions {
  readonly dataDir: string;
  /** The community that it loads. */
  readonly importFile: string;
  /** Addresses of engines that are not embedded. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether ending by itself can be explained at the moment: nobody can start on a full disk. */
  readonly mayEnd: () => boolean;
}

/** It ended although nobody had told it to. */
export class EndedByItselfError extends Error {
  override readonly name = 'EndedByItselfError';
}

/** How long a start, a drain or an orderly end may take on a busy machine. */
const patienceMs = 300_000;

/** The platform as somebody runs it who starts it again whenever it is gone. */
export class PlatformUnderChaos {
  readonly #options: VictimOptions;
  #child: ChildProcess | null = null;
  #url: string | null = null;
  #said = '';
  #offsetMs = 0;
  #killAtStartMs: number | null = null;
  #wanted = true;
  #failure: Error | null = null;
  starts = 0;

  constructor(options: VictimOptions) {
    this.#options = options;
    this.#start();
  }

  /** Null while it does not serve. Throws what went wrong with it. */
  get url(): string | null {
    if (this.#failure) throw this.#failure;
    return this.#url;
  }

  /** What it said on standard error, in all its lives. */
  get said(): string {
    return this.#said;
  }

  kill(): void {
    this.#url = null;
    this.#child?.kill('SIGKILL');
  }

  /** Kills it now, and its successor this long after it was started. */
  killStarting(afterMs: number): void {
    this.#killAtStartMs = afterMs;
    this.kill();
  }

  async pause(forMs: number): Promise<void> {
    const child = this.#child;
    child?.kill('SIGSTOP');
    await sleep(forMs);
    child?.kill('SIGCONT');
  }

  /** Sets its clock; the next lives have it, too. */
  shiftClock(byMs: number): void {
    this.#offsetMs += byMs;
    this.#order({ shiftMs: this.#offsetMs });
  }

  async serving(): Promise<string> {
    return this.#until('serves', () => this.url);
  }

  /** Resolves when everything that was sent to it and imported is processed. */
  async drained(): Promise<void> {
    await this.serving();
    const child = this.#child;
    let isDrained = false;
    child?.on('message', (report: Report) => {
      if ('drained' in report) isDrained = true;
    });
    this.#order({ drain: true });
    await this.#until('has drained', () => (this.#failure ? this.url : isDrained || null));
  }

  /** Ends it in an orderly way; it must do so without a fault. */
  async stop(): Promise<void> {
    this.#wanted = false;
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    child.kill('SIGTERM');
    const [code, signal] = await ended;
    clearTimeout(timer);
    if (code !== 0)
      throw new EndedByItselfError(`asked to end, it ended with ${code ?? signal}:\n${this.#said.slice(-4_000)}`);
  }

  /** Ends it however it is. */
  async destroy(): Promise<void> {
    this.#wanted = false;
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  #order(order: Order): void {
    if (this.#child?.connected) this.#child.send(order, () => undefined);
  }

  #start(): void {
    const { dataDir, importFile, env } = this.#options;
    this.starts += 1;
    const args = [join(import.meta.dirname, 'victim.ts'), importFile, String(this.#offsetMs)];
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env['PATH'] ?? '', PORT: '0', LOG_LEVEL: 'error', DATA_DIR: dataDir, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    let killed = false;
    const killAtMs = this.#killAtStartMs;
    this.#killAtStartMs = null;
    const timer = killAtMs === null ? undefined : setTimeout(() => (child.kill('SIGKILL'), (killed = true)), killAtMs);
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
    child.on('message', (report: Report) => {
      if ('url' in report) this.#url = report.url;
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      this.#url = null;
      if (!this.#wanted) return;
      const isOurs = signal === 'SIGKILL' || killed;
      if (!isOurs && !this.#options.mayEnd()) {
        this.#failure = new EndedByItselfError(
          `it ended by itself with ${code ?? signal}:\n${this.#said.slice(-4_000)}`,
        );
        return;
      }
      setTimeout(() => this.#wanted && this.#start(), isOurs ? 0 : 200);
    });
  }

  async #until<T>(what: string, look: () => T | null): Promise<T> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const seen = look();
      if (seen !== null) return seen;
      if (performance.now() > deadline)
        throw new EndedByItselfError(
          `it is not so that it ${what} within ${patienceMs} ms:\n${this.#said.slice(-4_000)}`,
        );
      await sleep(20);
    }
  }
}
