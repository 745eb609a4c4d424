import type { GraphQLError } from 'graphql';
import { errorCodes, gatewayError } from '../errors.ts';

/** The time by which an operation must be done. What is not there by then is an error, what is there is kept. */
export class Deadline {
  /** When it passes, on the clock of `performance.now`. */
  readonly endsMs: number;
  readonly #timeoutMs: number;
  readonly #timer: NodeJS.Timeout;
  // Most operations end long before: nothing is made for this but the timer.
  #listeners: Set<(error: GraphQLError) => void> | null = null;
  #error: GraphQLError | null = null;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.endsMs = performance.now() + timeoutMs;
    this.#timer = setTimeout(() => this.#pass(), timeoutMs);
  }

  /** Why nobody waits any more; null before it is so. */
  get error(): GraphQLError | null {
    return this.#error;
  }

  /** Calls back, once, when the time is over. */
  on(listener: (error: GraphQLError) => void): void {
    if (this.#error) listener(this.#error);
    else (this.#listeners ??= new Set()).add(listener);
  }

  off(listener: (error: GraphQLError) => void): void {
    this.#listeners?.delete(listener);
  }

  /** What a promise gives, or a rejection once the time is over. */
  async within<T>(promise: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.on(reject);
      const end = (): void => this.off(reject);
      promise.then(resolve, reject).finally(end);
    });
  }

  /** Frees the timer. */
  clear(): void {
    clearTimeout(this.#timer);
  }

  #pass(): void {
    const error = gatewayError(`the operation took longer than ${this.#timeoutMs} ms`, {
      code: errorCodes.operationTimeout,
      details: { limit: this.#timeoutMs },
    });
    this.#error = error;
    for (const listener of this.#listeners ?? []) listener(error);
    this.#listeners = null;
  }
}
