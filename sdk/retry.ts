import { GraphQLRequestError, HttpError, NetworkError, TimeoutError } from './errors.ts';

export interface RetryOptions {
  /** How often an operation is sent at most, the first time included. Default 5; 1 never sends again. */
  readonly attemptsMax?: number;
  /** Upper bound of the wait before the second attempt; it doubles from there. Default 200. */
  readonly baseMs?: number;
  /** Upper bound of any wait that the client chooses. Default 10,000. */
  readonly delayMsMax?: number;
  /** A longer wait asked for by the server is not made: the error is thrown at once. Default 30,000. */
  readonly serverWaitMsMax?: number;
}

export const retryDefaults: Required<RetryOptions> = {
  attemptsMax: 5,
  baseMs: 200,
  delayMsMax: 10_000,
  serverWaitMsMax: 30_000,
};

/** A number from 0 to 1, from the platform's cryptographic source. */
export function random(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}

/**
 * The wait before attempt `attempt + 1` (the first is 0), in milliseconds: anything up to an exponentially growing bound ("full
 * jitter"), so that clients that failed together do not come back together.
 */
export function backoffMs(attempt: number, options: Required<RetryOptions>, draw: () => number = random): number {
  return draw() * Math.min(options.delayMsMax, options.baseMs * 2 ** attempt);
}

const passingStatuses = new Set([408, 429, 502, 503, 504]);

/** Whether the same operation may succeed a moment later. */
export function isPassing(error: unknown): boolean {
  if (error instanceof NetworkError || error instanceof TimeoutError) return true;
  return (error instanceof HttpError || error instanceof GraphQLRequestError) && passingStatuses.has(error.status);
}

/** Whether the server certainly did not do what it was asked, so that anything may be asked again. */
export function wasNotDone(error: unknown): boolean {
  return (error instanceof HttpError || error instanceof GraphQLRequestError) && error.status === 429;
}

/** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as that is aborted. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
