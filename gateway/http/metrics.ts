import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { SubgraphTransport, TransportHealth } from '../transports/transport.ts';

/** What happened to an operation: answered in full, with errors, or turned away before it ran. */
export type Outcome = 'ok' | 'error' | 'refused';
export type OperationType = 'query' | 'mutation' | 'subscription' | 'unknown';

/** The gateway's own figures, and those of its process: memory, CPU, event loop lag. */
export interface Metrics {
  readonly registry: Registry;
  operation(type: OperationType, outcome: Outcome, durationMs: number): void;
  fetch(fetch: { readonly subgraph: string; readonly durationMs: number; readonly outcome: 'ok' | 'error' }): void;
  subscriptions(change: 1 | -1): void;
  /** One was refused because there were as many as there may be: of its caller, or over all. */
  subscriptionRefused(reached: 'caller' | 'all'): void;
  /** Events that a slow subscriber did not get. */
  lagged(events: number): void;
}

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What is read when somebody asks for the figures. */
export interface MetricSources {
  readonly transports: () => Readonly<Record<string, SubgraphTransport>>;
  /** Revoked tokens and subjects that are remembered. */
  readonly revocations: () => number;
}

export function createMetrics(sources: MetricSources): Metrics {
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
  const refused = new Counter({
    name: 'vcos_gateway_refused_subscriptions_total',
    help: 'Subscriptions refused because as many were open as there may be: of one caller, or over all',
    labelNames: ['limit'],
    registers,
  });
  const lagged = new Counter({
    name: 'vcos_gateway_lagged_events_total',
    help: 'Events dropped because a subscriber was too slow',
    registers,
  });
  registerTransports(registry, sources);
  new Gauge({
    name: 'vcos_gateway_revocations',
    help: 'Revoked tokens and subjects that are remembered until their tokens would have expired',
    registers,
    collect() {
      this.set(sources.revocations());
    },
  });
  return {
    registry,
    operation: (type, outcome, durationMs) => operations.observe({ type, outcome }, durationMs / 1000),
    fetch: ({ subgraph, durationMs, outcome }) => fetches.observe({ subgraph, outcome }, durationMs / 1000),
    subscriptions: (change) => open.inc(change),
    subscriptionRefused: (limit) => refused.inc({ limit }),
    lagged: (events) => lagged.inc(events),
  };
}

const circuitValues = { closed: 0, 'half-open': 1, open: 2 } as const;

function registerTransports(registry: Registry, { transports }: MetricSources): void {
  const labelNames = ['subgraph'];
  const registers = [registry];
  const healthOf = (): readonly (readonly [string, TransportHealth])[] =>
    Object.entries(transports()).flatMap(([name, transport]) => {
      const health = transport.health?.();
      return health ? [[name, health] as const] : [];
    });
  new Gauge({
    name: 'vcos_gateway_subgraph_circuit',
    help: 'Whether a subgraph is asked: 0 as usual, 1 by one request at a time to find out, 2 not for the moment',
    labelNames,
    registers,
    collect() {
      for (const [subgraph, { circuit }] of healthOf()) this.set({ subgraph }, circuitValues[circuit]);
    },
  });
  new Counter({
    name: 'vcos_gateway_subgraph_retries_total',
    help: 'Requests to a subgraph that were sent again',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const [subgraph, { retries }] of healthOf()) this.inc({ subgraph }, retries);
    },
  });
  new Counter({
    name: 'vcos_gateway_subgraph_refused_total',
    help: 'Requests to a subgraph that were not sent because it was failing',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const [subgraph, { refused }] of healthOf()) this.inc({ subgraph }, refused);
    },
  });
  new Counter({
    name: 'vcos_gateway_subgraph_shared_total',
    help: 'Queries to a subgraph that were not sent because an equal one of the same moment was',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const [subgraph, { shared }] of healthOf()) this.inc({ subgraph }, shared);
    },
  });
  new Gauge({
    name: 'vcos_gateway_subgraph_clock_difference_seconds',
    help: 'How far the clock of a subgraph is ahead of the gateway’s, where it refused a signature for that; 0 otherwise',
    labelNames,
    registers,
    collect() {
      for (const [subgraph, { clockDifferenceMs }] of healthOf()) this.set({ subgraph }, clockDifferenceMs / 1_000);
    },
  });
}
