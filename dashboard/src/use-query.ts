import { useEffect, useState } from 'react';
import { NetworkError } from '../../sdk/errors.ts';

export interface Loading<T> {
  readonly data: T | null;
  readonly error: string | null;
  readonly isLoading: boolean;
}

interface Settled<T> {
  readonly key: string;
  readonly data: T | null;
  readonly error: string | null;
}

/** Loads when `key` changes; what was there stays visible until the new data has come. */
export function useQuery<T>(key: string, load: () => Promise<T>): Loading<T> {
  const [settled, setSettled] = useState<Settled<T> | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const settle = (outcome: (before: Settled<T> | null) => Settled<T>): void => {
      if (isCurrent) setSettled(outcome);
    };
    load().then(
      (data) => settle(() => ({ key, data, error: null })),
      (error: unknown) => settle((before) => ({ key, data: before?.data ?? null, error: readable(error) })),
    );
    return () => {
      isCurrent = false;
    };
    // `load` is made anew with every rendering; `key` says when it differs.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  const isLoading = settled?.key !== key;
  return { data: settled?.data ?? null, error: isLoading ? null : settled.error, isLoading };
}

/** What to tell a person. */
export function readable(error: unknown): string {
  if (error instanceof NetworkError) return 'The server does not answer. Is it running? Reload this page to try again.';
  return error instanceof Error ? error.message : String(error);
}
