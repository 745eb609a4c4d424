import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What happened to an operation: answered in full, with errors, or turned away before it ran. */
export type Outcome = 'ok' | 'error' | 'refused';
export type OperationType = 'query' | 'mutation' | 'subscription' | 'unknown';

/** The gateway's own figures, and those of its process: memory, CPU, event loop lag. */
export interface Metrics {
  readonly registry: Registry;
  operation(type: OperationType, outcome: Outcome, durationMs: number): void;
  fetch(fetch: { readonly subgraph: string; readonly durationMs: number; readonly outcome: 'ok' | 'error' }): void;
  subscriptions(change: 1 | -1): void;
  /** Events that a slow subscriber did not get. */
  lagged(events: number): void;
}

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const operations = new Histogram({
    name: 'vcos_gateway_operation_duration_seconds',
    help: 'Operations by type and outcome, and how long they took',
    labelNames: ['type', 'outcome'],
    buckets: secondsBuckets,
    registers,
  });
  const fetches = new Histogram({
    name: 'vcos_gateway_subgraph_fetch_duration_seconds',
    help: 'Requests to subgraphs by subgraph and outcome, and how long they took',
    labelNames: ['subgraph', 'outcome'],
    buckets: secondsBuckets,
    registers,
  });
  const open = new Gauge({
    name: 'vcos_gateway_open_subscriptions',
    help: 'Subscriptions that are open now',
    registers,
  });
  const lagged = new Counter({
    name: 'vcos_gateway_lagged_events_total',
    help: 'Events dropped because a subscriber was too slow',
    registers,
  });
  return {
    registry,
    operation: (type, outcome, durationMs) => operations.observe({ type, outcome }, durationMs / 1000),
    fetch: ({ subgraph, durationMs, outcome }) => fetches.observe({ subgraph, outcome }, durationMs / 1000),
    subscriptions: (change) => open.inc(change),
    lagged: (events) => lagged.inc(events),
  };
}
