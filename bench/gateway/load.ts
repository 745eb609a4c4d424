import { Client } from 'undici';
import type { Dispatcher } from 'undici';
import type { MeasuredQuery } from './shop.ts';

/** What one gateway did under load. */
export interface Load {
  readonly requests: number;
  readonly durationMs: number;
  readonly latenciesMs: readonly number[];
}

const connections = 16;
const headers = { 'content-type': 'application/json', accept: 'application/json' };

/** The parsed answer of one request. */
export async function ask(url: string, { query, variables }: MeasuredQuery): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables: variables(0) }),
  });
  return response.json();
}

/**
 * As many requests as come back within a time, over 16 connections with one request each: all of them the same, or where `isDistinct`
 * each connection's with variables of its own. Throws when an answer is refused or has another length than that connection's first one.
 */
export async function load(
  url: string,
  { query, variables }: MeasuredQuery,
  { forMs, isDistinct }: { readonly forMs: number; readonly isDistinct: boolean },
): Promise<Load> {
  const { origin, pathname: path } = new URL(url);
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  const lane = async (client: Client, index: number): Promise<void> => {
    const body = JSON.stringify({ query, variables: variables(isDistinct ? index : 0) });
    let bytes = 0;
    while (performance.now() - startedMs < forMs) {
      const sentMs = performance.now();
      const { status, length } = await new Promise<Received>((resolve, reject) => {
        client.dispatch({ method: 'POST', path, headers, body }, new Counted(resolve, reject));
      });
      latenciesMs.push(performance.now() - sentMs);
      if (bytes === 0) bytes = length;
      if (status !== 200 || length !== bytes)
        throw new Error(`${url} answered ${status} with ${length} bytes instead of ${bytes}`);
    }
  };
  const clients = Array.from({ length: connections }, () => new Client(origin));
  await Promise.all(clients.map(lane));
  const durationMs = performance.now() - startedMs;
  await Promise.all(clients.map((client) => client.close()));
  return { requests: latenciesMs.length, durationMs, latenciesMs };
}

interface Received {
  readonly status: number;
  /** Bytes of the body. */
  readonly length: number;
}

/** Counts an answer's bytes and keeps none: what the generator does itself is taken from the gateway that it measures. */
class Counted implements Dispatcher.DispatchHandler {
  readonly #resolve: (received: Received) => void;
  readonly #reject: (error: Error) => void;
  #status = 0;
  #length = 0;

  constructor(resolve: (received: Received) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length;
  }

  onResponseEnd(): void {
    this.#resolve({ status: this.#status, length: this.#length });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }
}

/** The latency that a share of requests did not pass. */
export function percentile(latenciesMs: readonly number[], share: number): number {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
