import { useEffect, useState } from 'react';

export interface Loading<T> {
  readonly data: T | null;
  readonly error: string | null;
  readonly isLoading: boolean;
}

/** Loads when `key` changes; what was there stays visible until the new data has come. */
export function useQuery<T>(key: string, load: () => Promise<T>): Loading<T> {
  const [state, setState] = useState<Loading<T>>({ data: null, error: null, isLoading: true });
  useEffect(() => {
    let isCurrent = true;
    setState((before) => ({ ...before, error: null, isLoading: true }));
    load().then(
      (data) => isCurrent && setState({ data, error: null, isLoading: false }),
      (error: unknown) => isCurrent && setState((before) => ({ data: before.data, error: readable(error), isLoading: false })),
    );
    return () => {
      isCurrent = false;
    };
    // `load` is made anew with every rendering; `key` says when it differs.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  return state;
}

/** What to tell a person. A request that never got an answer is a TypeError of `fetch`. */
export function readable(error: unknown): string {
  if (error instanceof TypeError) return 'The server does not answer. Is it running? This page tries again when you reload it.';
  return error instanceof Error ? error.message : String(error);
}
