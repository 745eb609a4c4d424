import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface KeptOptions {
  /** What node runs: a script and its arguments. Asked anew for each life. */
  readonly args: () => readonly string[];
  readonly env: () => Readonly<Record<string, string>>;
  /** Whether ending by itself can be explained, given its last words. */
  readonly mayEnd: (said: string) => boolean;
  /** Called with what it reports over IPC. */
  readonly onReport?: (report: unknown) => void;
  /** Called with what it says on standard output and error. */
  readonly onSaid?: (text: string) => void;
  /** Called whenever it is gone. */
  readonly onGone?: () => void;
}

/** It ended although nobody had told it to. */
export class EndedByItselfError extends Error {
  override readonly name = 'EndedByItselfError';
}

/** How long a start, a drain or an orderly end may take on a busy machine. */
const patienceMs = 300_000;
const saidMax = 20_000;
const lastWords = 4_000;

/** A process as somebody runs it who starts it again whenever it is gone. */
export class KeptProcess {
  readonly #options: KeptOptions;
  #child: ChildProcess | null = null;
  #said = '';
  #killAtStartMs: number | null = null;
  #wanted = true;
  #isDestroyed = false;
  #failure: Error | null = null;
  starts = 0;

  constructor(options: KeptOptions) {
    this.#options = options;
    this.#start();
  }

  /** What it said in all its lives, or the end of that. */
  get said(): string {
    return this.#said;
  }

  /** Throws what went wrong with it. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Kills it now, and its successor this long after it was started. */
  killStarting(afterMs: number): void {
    this.#killAtStartMs = afterMs;
    this.kill();
  }

  /** It stands still for a while. */
  async pause(forMs: number): Promise<void> {
    const child = this.#child;
    child?.kill('SIGSTOP');
    await sleep(forMs);
    child?.kill('SIGCONT');
  }

  order(order: object): void {
    if (this.#child?.connected) this.#child.send(order, () => undefined);
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
      throw new EndedByItselfError(`asked to end, it ended with ${code ?? signal}:\n${this.#said.slice(-lastWords)}`);
  }

  /** Ends it however it is. */
  async destroy(): Promise<void> {
    this.#wanted = false;
    this.#isDestroyed = true;
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Looks until there is something to see. Rejects with what went wrong with the process, or when it takes too long. */
  async until<T>(what: string, look: () => T | null): Promise<T> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      this.check();
      if (this.#isDestroyed) throw new EndedByItselfError(`it was ended before one could see that it ${what}`);
      const seen = look();
      if (seen !== null) return seen;
      if (performance.now() > deadline)
        throw new EndedByItselfError(
          `it is not so that it ${what} within ${patienceMs} ms:\n${this.#said.slice(-lastWords)}`,
        );
      await sleep(20);
    }
  }

  #start(): void {
    const { args, env, onReport, onSaid } = this.#options;
    this.starts += 1;
    const child = spawn(process.execPath, args(), {
      env: { PATH: process.env['PATH'] ?? '', PORT: '0', LOG_LEVEL: 'error', ...env() },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    let killed = false;
    const killAtMs = this.#killAtStartMs;
    this.#killAtStartMs = null;
    const timer = killAtMs === null ? undefined : setTimeout(() => (child.kill('SIGKILL'), (killed = true)), killAtMs);
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#said = (this.#said + chunk.toString()).slice(-saidMax);
        onSaid?.(chunk.toString());
      });
    child.on('message', (report) => onReport?.(report));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      this.#gone(code ?? signal, signal === 'SIGKILL' || killed);
    });
  }

  #gone(how: number | string | null, isOurs: boolean): void {
    this.#options.onGone?.();
    if (!this.#wanted) return;
    if (!isOurs && !this.#options.mayEnd(this.#said)) {
      this.#failure = new EndedByItselfError(`it ended by itself with ${how}:\n${this.#said.slice(-lastWords)}`);
      return;
    }
    setTimeout(() => this.#wanted && this.#start(), isOurs ? 0 : 200);
  }
}
