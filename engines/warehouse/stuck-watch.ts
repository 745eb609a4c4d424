import { WarehouseUnavailableError } from './port.ts';

export interface StuckWatchOptions {
  /** How long a statement may take before it is taken for one that never ends, in milliseconds. */
  readonly stuckMs: number;
  /** Called once. */
  readonly onStuck?: ((error: WarehouseUnavailableError) => void) | undefined;
}

/** A statement's age is counted in these, not read from a clock: a process that was stopped for an hour has not waited for one. */
const ticksOf = 10;

let isAnyStuck = false;

/**
 * Whether a statement in this process will never end. The thread that it holds is given back by nothing: such a process cannot even exit, since Node waits for
 * that thread. It can be killed, or replaced.
 */
export function isProcessStuck(): boolean {
  return isAnyStuck;
}

interface Call {
  /** Ticks since its statement began, null while it waits for its turn. */
  age: number | null;
  readonly reject: (error: Error) => void;
}

/**
 * Notices statements that never end. ClickHouse in this process may lose one for good (chDB 3.4.0, seen once in some 3,000 openings: an insert that had not
 * begun to write after three minutes, while others passed), and no setting of its own ends that. From then on every call is rejected at once.
 */
export class StuckWatch {
  readonly #options: StuckWatchOptions;
  readonly #calls = new Set<Call>();
  readonly #timer: NodeJS.Timeout;
  #error: WarehouseUnavailableError | null = null;

  constructor(options: StuckWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), options.stuckMs / ticksOf).unref();
  }

  get isStuck(): boolean {
    return this.#error !== null;
  }

  /** Does the work, which calls `begin` when its statement begins; one that does not call it may take as long as it wants. */
  run<R>(work: (begin: () => void) => Promise<R>): Promise<R> {
    if (this.#error) return Promise.reject(this.#error);
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    const call: Call = { age: null, reject };
    this.#calls.add(call);
    work(() => (call.age = 0))
      .then(resolve, reject)
      .finally(() => this.#calls.delete(call));
    return promise;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    let oldest = 0;
    for (const call of this.#calls) if (call.age !== null) oldest = Math.max(oldest, ++call.age);
    // The first tick comes at any time after the beginning.
    if (oldest <= ticksOf) return;
    this.stop();
    isAnyStuck = true;
    const seconds = Math.round(this.#options.stuckMs / 1000);
    const error = new WarehouseUnavailableError(
      `the embedded warehouse has not ended a statement in ${seconds} s and never will: only a new process has it work again`,
    );
    this.#error = error;
    for (const { reject } of this.#calls) reject(error);
    this.#options.onStuck?.(error);
  }
}
