import { useEffect, useState } from 'react';
import { AuthenticationError, HttpError, NetworkError, TimeoutError } from '../../sdk/errors.ts';
import { isPassing } from '../../sdk/retry.ts';

export interface Loading<T> {
  readonly data: T | null;
  readonly error: string | null;
  /** Whether it is the token that was found wanting. */
  readonly isRefused: boolean;
  readonly isLoading: boolean;
}

interface Settled<T> {
  readonly key: string;
  readonly data: T | null;
  readonly error: string | null;
  readonly isRefused: boolean;
}

/** How long a page waits before it asks a server again that was away, in milliseconds. */
const awayMs = 5_000;

/**
 * Loads when `key` changes; what was there stays visible until the new data has come. Where it does not come, nothing is shown: what was there answers another question. While
 * the server is away it is asked again.
 */
export function useQuery<T>(key: string, load: () => Promise<T>): Loading<T> {
  const [settled, setSettled] = useState<Settled<T> | null>(null);
  useEffect(() => {
    let isCurrent = true;
    let again: ReturnType<typeof setTimeout> | undefined;
    const settle = (outcome: Settled<T>): void => {
      if (isCurrent) setSettled(outcome);
    };
    const ask = (): void =>
      void load().then(
        (data) => settle({ key, data, error: null, isRefused: false }),
        (error: unknown) => {
          settle({
            key,
            data: null,
            error: readable(error, asksAgain),
            isRefused: error instanceof AuthenticationError,
          });
          if (isCurrent && isPassing(error)) again = setTimeout(ask, awayMs);
        },
      );
    ask();
    return () => {
      isCurrent = false;
      clearTimeout(again);
    };
    // `load` is made anew with every rendering; `key` says when it differs.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  const isLoading = settled?.key !== key;
  return {
    data: settled?.data ?? null,
    error: isLoading ? null : settled.error,
    isRefused: !isLoading && settled.isRefused,
    isLoading,
  };
}

/** Of a page that asks again by itself. */
export const asksAgain = 'This page asks again by itself.';

/** What to tell a person; `next` says what becomes of it where the server is away. */
export function readable(error: unknown, next = 'Try again in a moment.'): string {
  if (error instanceof AuthenticationError)
    return `Your token was refused (${error.message}). Use “Sign out” above; with a new token you can sign in again.`;
  const hint = isPassing(error) ? next : 'Reload this page to try again.';
  if (error instanceof NetworkError) return `The server does not answer. Is it running? ${hint}`;
  if (error instanceof TimeoutError) return `The server gave no answer within ${error.timeoutMs / 1_000} s. ${hint}`;
  if (error instanceof HttpError)
    return `The server’s answer (HTTP ${error.status}) is not the platform’s: it may be starting. ${hint}`;
  return error instanceof Error ? error.message : String(error);
}
