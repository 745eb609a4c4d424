import { Client } from 'undici';
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
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return response.json();
}

/**
 * As many requests as come back within a time, over 16 connections with one request each. Throws when an answer is refused or has another
 * length than the first one had.
 */
export async function load(url: string, { query, variables }: MeasuredQuery, forMs: number): Promise<Load> {
  const { origin, pathname: path } = new URL(url);
  const body = JSON.stringify({ query, variables });
  const latenciesMs: number[] = [];
  let bytes = 0;
  const startedMs = performance.now();
  const lane = async (client: Client): Promise<void> => {
    while (performance.now() - startedMs < forMs) {
      const sentMs = performance.now();
      const { statusCode, body: answer } = await client.request({ method: 'POST', path, headers, body });
      const { byteLength } = await answer.arrayBuffer();
      latenciesMs.push(performance.now() - sentMs);
      if (bytes === 0) bytes = byteLength;
      if (statusCode !== 200 || byteLength !== bytes)
        throw new Error(`${url} answered ${statusCode} with ${byteLength} bytes instead of ${bytes}`);
    }
  };
  const clients = Array.from({ length: connections }, () => new Client(origin));
  await Promise.all(clients.map(lane));
  const durationMs = performance.now() - startedMs;
  await Promise.all(clients.map((client) => client.close()));
  return { requests: latenciesMs.length, durationMs, latenciesMs };
}

/** The latency that a share of requests did not pass. */
export function percentile(latenciesMs: readonly number[], share: number): number {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
