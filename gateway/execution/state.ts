import type { GraphQLError } from 'graphql';
import { errorCodes, gatewayError } from '../errors.ts';
import type { SubgraphAuth } from '../transports/transport.ts';
import type { DataObject } from './data.ts';

/** How many errors one response tells; the rest is counted. A failed subgraph under a long list would fill the response. */
const errorsMax = 100;

/** One execution of one plan. */
export interface ExecutionState {
  readonly data: DataObject;
  readonly errors: ErrorList;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly auth: SubgraphAuth;
  readonly deadline: Deadline;
}

/** The errors of one response, bounded. */
export class ErrorList {
  readonly list: GraphQLError[] = [];
  omitted = 0;

  add(error: GraphQLError): void {
    if (this.list.length < errorsMax) this.list.push(error);
    else this.omitted += 1;
  }
}

/** The time by which an operation must be done. What is not there by then is an error, what is there is kept. */
export class Deadline {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #passed: Promise<never>;

  constructor(timeoutMs: number) {
    this.signal = this.#controller.signal;
    const { promise, reject } = Promise.withResolvers<never>();
    this.#passed = promise;
    // Most operations end first: then nobody waits for this promise any more.
    promise.catch(() => {});
    this.#timer = setTimeout(() => {
      reject(
        gatewayError(`the operation took longer than ${timeoutMs} ms`, {
          code: errorCodes.operationTimeout,
          details: { limit: timeoutMs },
        }),
      );
      this.#controller.abort();
    }, timeoutMs);
  }

  /** What a promise gives, or a rejection once the time is over. */
  async within<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#passed]);
  }

  /** Frees the timer. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}
