import { useEffect, useState } from 'react';
import { AuthenticationError, HttpError, NetworkError, TimeoutError } from '../../sdk/errors.ts';

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

/** Loads when `key` changes; what was there stays visible until the new data has come. Where it does not come, nothing is shown: what was there answers another question. */
export function useQuery<T>(key: string, load: () => Promise<T>): Loading<T> {
  const [settled, setSettled] = useState<Settled<T> | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const settle = (outcome: Settled<T>): void => {
      if (isCurrent) setSettled(outcome);
    };
    load().then(
      (data) => settle({ key, data, error: null, isRefused: false }),
      (error: unknown) =>
        settle({ key, data: null, error: readable(error), isRefused: error instanceof AuthenticationError }),
    );
    return () => {
      isCurrent = false;
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

/** What to tell a person. */
export function readable(error: unknown): string {
  if (error instanceof NetworkError) return 'The server does not answer. Is it running? Reload this page to try again.';
  if (error instanceof AuthenticationError)
    return `Your token was refused (${error.message}). Use “Sign out” above; with a new token you can sign in again.`;
  if (error instanceof TimeoutError)
    return `The server gave no answer within ${error.timeoutMs / 1_000} s. Reload this page to try again.`;
  if (error instanceof HttpError)
    return `The server’s answer (HTTP ${error.status}) is not the platform’s: it may be starting. Reload this page to try again.`;
  return error instanceof Error ? error.message : String(error);
}
