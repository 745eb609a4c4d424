import { WarehouseUnavailableError } from './port.ts';

/**
 * Lends each item to one user at a time, first come, first served. At most `waitingMax` users wait; more are refused, so that an
 * overload is felt by whoever causes it.
 */
export class ClientPool<T> {
  readonly #idle: T[];
  readonly #all: readonly T[];
  readonly #waiting: ((item: T) => void)[] = [];
  readonly #waitingMax: number;
  readonly #dispose: (item: T) => Promise<void>;
  #busy = 0;
  #closing: Promise<void> | null = null;
  #drained: (() => void) | null = null;

  constructor(items: readonly T[], options: { waitingMax: number; dispose: (item: T) => Promise<void> }) {
    this.#all = items;
    this.#idle = [...items];
    this.#waitingMax = options.waitingMax;
    this.#dispose = options.dispose;
  }

  async run<R>(work: (item: T) => Promise<R>): Promise<R> {
    const item = await this.#take();
    try {
      return await work(item);
    } finally {
      this.#giveBack(item);
    }
  }

  /** Refuses newcomers, lets the work in progress and those waiting finish, then disposes of the items. */
  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  async #drain(): Promise<void> {
    if (this.#busy > 0) await new Promise<void>((resolve) => (this.#drained = resolve));
    for (const item of this.#all) await this.#dispose(item);
  }

  async #take(): Promise<T> {
    if (this.#closing) throw new WarehouseUnavailableError('the warehouse has been closed');
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      this.#busy += 1;
      return idle;
    }
    if (this.#waiting.length >= this.#waitingMax)
      throw new WarehouseUnavailableError(`the warehouse is overloaded: ${this.#waitingMax} calls are waiting already`);
    return new Promise<T>((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(item: T): void {
    const next = this.#waiting.shift();
    if (next) {
      next(item);
      return;
    }
    this.#idle.push(item);
    this.#busy -= 1;
    if (this.#busy === 0) this.#drained?.();
  }
}
