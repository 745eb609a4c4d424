import { statfsSync } from 'node:fs';
import { WarehouseUnavailableError } from './port.ts';

export interface DiskWatchOptions {
  /** A directory on the disk. */
  readonly path: string;
  /** How often it is looked at, in milliseconds. */
  readonly everyMs?: number;
  /** Called when the disk was low and is not any more, or after {@link DiskWatch.suspect}; again after each rejection. */
  readonly check: () => Promise<void>;
  /** Free bytes, for tests. */
  readonly freeBytes?: (path: string) => number;
}

/** With less free than this nothing is written: more than what is written between two looks. */
export const freeBytesMin = 16 * 1024 * 1024;
const everyMsDefault = 100;

/** Looks after the room on a disk, and has what was written checked after there was next to none. */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #isSuspect = false;
  #checking: Promise<void> | null = null;
  #isStopped = false;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.look(), options.everyMs ?? everyMsDefault).unref();
  }

  /** Throws {@link WarehouseUnavailableError} where too little is free to write. */
  requireRoom(): void {
    const free = this.look();
    if (free >= freeBytesMin) return;
    const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
    throw new WarehouseUnavailableError(
      `the disk of ${this.#options.path} has ${mib(free)} MiB left, and the warehouse writes only with ${mib(freeBytesMin)}: make room; what waits is in the event log and is written then`,
    );
  }

  /** What was written may be damaged, whatever the disk looks like. */
  suspect(): void {
    this.#isSuspect = true;
  }

  /** Resolves when no check runs any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#checking;
  }

  /** Takes note of how many bytes are free now. */
  look(): number {
    const free = (this.#options.freeBytes ?? freeBytesOf)(this.#options.path);
    if (free < freeBytesMin) this.#isSuspect = true;
    else if (this.#isSuspect && !this.#isStopped)
      this.#checking ??= this.#check().finally(() => (this.#checking = null));
    return free;
  }

  async #check(): Promise<void> {
    this.#isSuspect = false;
    try {
      await this.#options.check();
    } catch {
      // It could not be told: the next look asks again.
      this.#isSuspect = true;
    }
  }
}

function freeBytesOf(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    // Where it cannot be told, writing shows it.
    return Number.POSITIVE_INFINITY;
  }
}
