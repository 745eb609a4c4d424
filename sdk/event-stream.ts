import { SlowReaderError } from './errors.ts';

/**
 * Events of a subscription for `for await`. At most `bufferMax` wait for a slow reader; one more ends it with SlowReaderError.
 * `return()` ends it at once, also while `next()` waits: an async generator would hold its source until the next event.
 */
export class EventStream<T> implements AsyncIterableIterator<T, undefined> {
  readonly #bufferMax: number;
  readonly #onEnd: () => void;
  readonly #buffer: T[] = [];
  #waiting: PromiseWithResolvers<IteratorResult<T, undefined>> | null = null;
  #end: { readonly error: unknown } | 'completed' | null = null;

  constructor(bufferMax: number, onEnd: () => void) {
    this.#bufferMax = bufferMax;
    this.#onEnd = onEnd;
  }

  push(value: T): void {
    if (this.#end !== null) return;
    if (this.#waiting) {
      this.#waiting.resolve({ done: false, value });
      this.#waiting = null;
    } else if (this.#buffer.length === this.#bufferMax) this.fail(new SlowReaderError(this.#bufferMax));
    else this.#buffer.push(value);
  }

  /** Ends it with an error, which comes after what waits already. */
  fail(error: unknown): void {
    this.#finish({ error });
  }

  complete(): void {
    this.#finish('completed');
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    const value = this.#buffer.shift();
    if (value !== undefined) return { done: false, value };
    if (this.#end === null) {
      this.#waiting ??= Promise.withResolvers();
      return this.#waiting.promise;
    }
    const end = this.#end;
    this.#end = 'completed';
    if (end !== 'completed') throw end.error;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#buffer.length = 0;
    this.complete();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(end: { readonly error: unknown } | 'completed'): void {
    if (this.#end !== null) return;
    this.#end = end;
    if (this.#waiting) {
      if (end === 'completed') this.#waiting.resolve({ done: true, value: undefined });
      else {
        this.#waiting.reject(end.error);
        this.#end = 'completed';
      }
      this.#waiting = null;
    }
    this.#onEnd();
  }
}
