import { join } from 'node:path';
import { KeptProcess } from './kept-process.ts';
import type { Report } from './victim.ts';

export interface VictimOptions {
  readonly dataDir: string;
  /** The community that it loads. */
  readonly importFile: string;
  /** Addresses of engines that are not embedded. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether ending by itself can be explained at the moment: nobody can start on a full disk. */
  readonly mayEnd: () => boolean;
}

/** The platform in one process that is started again whenever it is gone. */
export class PlatformUnderChaos {
  readonly #process: KeptProcess;
  #url: string | null = null;
  #offsetMs = 0;
  #isDrained = false;
  /** Whether this process has served before: it starts anew by itself where its warehouse has lost rows. */
  #hasServed = false;
  #ownStarts = 0;

  constructor({ dataDir, importFile, env, mayEnd }: VictimOptions) {
    this.#process = new KeptProcess({
      args: () => [join(import.meta.dirname, 'victim.ts'), importFile, String(this.#offsetMs)],
      env: () => ({ DATA_DIR: dataDir, ...env }),
      mayEnd,
      onReport: (report) => this.#hear(report as Report),
      onGone: () => {
        this.#url = null;
        this.#hasServed = false;
      },
    });
  }

  /** Null while it does not serve. Throws what went wrong with it. */
  get url(): string | null {
    this.#process.check();
    return this.#url;
  }

  /** What it said on standard error, in all its lives. */
  get said(): string {
    return this.#process.said;
  }

  /** Of the process, and of the platform in it. */
  get starts(): number {
    return this.#process.starts + this.#ownStarts;
  }

  kill(): void {
    this.#url = null;
    this.#process.kill();
  }

  /** Kills it now, and its successor this long after it was started. */
  killStarting(afterMs: number): void {
    this.#url = null;
    this.#process.killStarting(afterMs);
  }

  pause(forMs: number): Promise<void> {
    return this.#process.pause(forMs);
  }

  /** Sets its clock; the next lives have it, too. */
  shiftClock(byMs: number): void {
    this.#offsetMs += byMs;
    this.#process.order({ shiftMs: this.#offsetMs });
  }

  serving(): Promise<string> {
    return this.#process.until('serves', () => this.#url);
  }

  /** Resolves when everything that was sent to it and imported is processed. */
  async drained(): Promise<void> {
    await this.serving();
    this.#isDrained = false;
    this.#process.order({ drain: true });
    await this.#process.until('has drained', () => this.#isDrained || null);
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  destroy(): Promise<void> {
    return this.#process.destroy();
  }

  #hear(report: Report): void {
    if (!('url' in report)) return void (this.#isDrained = true);
    this.#url = report.url;
    if (report.url === null) return;
    if (this.#hasServed) this.#ownStarts += 1;
    this.#hasServed = true;
  }
}
